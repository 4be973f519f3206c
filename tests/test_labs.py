# SPDX-License-Identifier: MIT
"""The labs: their sessions as gdb prints them today; what the grader says of right and wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from harness.machine import BUILD, ROOT

sys.path.insert(0, str(ROOT / "labs"))

from lab import Lab, build_tree, digest, digests, labs  # noqa: E402  (after the path is set)
import grade  # noqa: E402
import picture  # noqa: E402
import session  # noqa: E402

LABS = {lab.folder.name: lab for lab in labs()}
WRONG = [(name, path.stem) for name, lab in LABS.items()
         for path in sorted(lab.folder.glob("solution/wrong-*.patch"))]
each_lab = pytest.mark.parametrize("name", LABS)


@each_lab
def test_session(name):
    """Every command of the text, in one gdb, prints what the text shows."""
    lab = LABS[name]
    shown, printed = session.blocks(lab), session.replay(lab)
    assert sum(map(len, shown)) > 10
    for block, real in zip(shown, printed):
        for (command, text), (_, lines) in zip(block, real):
            assert session.agrees(text, lines), (
                f"{command}\nexpected (labs/{name}/README.md):\n" + "\n".join(text)
                + "\ngot:\n" + "\n".join(lines)
                + f"\nif that is right: make lab-refresh {lab.number}")


def test_comparing():
    """Only what is masked, and what "..." stands for, may differ."""
    for shown, printed, expected in (
            (["a 0x12 b"], ["a 0xfff b"], True), (["a 12"], ["a 13"], False),
            (["at a.asm:1"], ["at a.asm:22"], True), (["7  nop"], ["81  nop"], True),
            (["7  nop"], ["7  ret"], False), (["<f+0>:  90  nop"], ["<f+0>:  66 90  nop"], True),
            (["<f+0>:  90  nop"], ["<f+1>:  90  nop"], False),
            (["a", "...", "z"], ["a", "b", "c", "z"], True), (["a", "...", "z"], ["a", "b"], False),
            (["at ffffc90000008000"], ["at ffffc90000009000"], True),
            (["ffffc9000000800"], ["ffffc9000000900"], False),
            (["..."], [], True), (["a"], ["a", "b"], False), (["a 0x1"], ["a 0x1 b"], False)):
        got = session.agrees(shown, printed)
        assert got == expected, f"{shown} and {printed}: expected {expected}, got {got}"


def test_refreshing():
    """A text that agrees keeps its choice of lines, and gets today's numbers."""
    got = session.aligned(["a 0x1", "...", "b 0x2", "c"], ["a 0x3", "b 0x4", "x", "b 0x5", "c"])
    assert got == ["a 0x3", "...", "b 0x5", "c"], got


def test_machines():
    """A block that begins with another "make lab" has a machine of its own."""
    got = session.machines(["a", "$ make lab 4 APPEND=nofsgsbase", "b", "c"])
    assert got == [("", ["a"]), ("nofsgsbase", ["b", "c"])], got
    options = session.with_append("--append '-- x'", got[1][0])
    assert options == "--append nofsgsbase --append '-- x'", options


@each_lab
def test_pictures_are_drawn_from_their_text(name):
    for text in LABS[name].folder.glob("*.txt"):
        if text.with_suffix(".svg").exists():
            drawn = picture.draw(*picture.read(text))
            assert text.with_suffix(".svg").read_text() == drawn, f"labs/picture.py {text}"


# ---------------------------------------------------------------- grading

@pytest.fixture(scope="module")
def copies():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def copy(copies, name, repair=None):
    """A student's copy, repaired or not: "right", or the name of a patch in the solutions."""
    lab = Lab(LABS[name].number)
    lab.work = copies / name / (repair or "untouched")
    shutil.rmtree(lab.work, ignore_errors=True)
    lab.tree = lab.work / "tree"
    lab.place_tree()
    if repair == "right":
        patch(lab, lab.mutant(), "-R")
    elif repair:
        patch(lab, lab.folder / "solution" / f"{repair}.patch")
    return lab


def patch(lab, path, *options):
    subprocess.run(["patch", "-s", "-f", "--no-backup-if-mismatch", "-p1", *options, "-i", path],
                   cwd=lab.tree, check=True)


def graded(lab, answers):
    """What "make grade" prints and writes."""
    done = subprocess.run([sys.executable, ROOT / "labs/grade.py", lab.number, "--tree", lab.tree,
                           "--answers", lab.folder / answers], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads((BUILD / f"lab-{lab.number}" / "grade.json").read_text())


def hints(result):
    return " ".join(hint for part in result["parts"] for hint in part["hints"])


# None is a repair: the fault is still there, but the student's own kernel would no longer tell.
CHEATS = [
    ("kernel/debug/ktest_entry.c", r"[\s\S]*", ""),                     # no test
    ("kernel/main.c", r"machine_power_off\(failures > 0\)", "machine_power_off(0)"),
    ("kernel/cpu/features.c", r"if \(boot_options\.nofsgsbase\)", "if (1)"),   # lab 2's is not met
]


def cheat(tree, name, pattern, new):
    text, count = re.subn(pattern, new, (tree / name).read_text(), count=1)
    assert count == 1, f"{name}: expected {pattern} once, got {count}"
    (tree / name).write_text(text)


@each_lab
def test_untouched(copies, name):
    """Nothing done: no points, and the hint says where to begin.  Cheats do not help."""
    lab = copy(copies, name)
    for each in CHEATS:
        cheat(lab.tree, *each)
    text, result = graded(lab, "answers.txt")
    assert result["points"] == 0, text
    assert lab.config["hunt"]["untouched"] in hints(result), text
    assert hints(result).count("no answer") == len(lab.config["questions"]), text


@pytest.mark.full
@each_lab
def test_objects_are_not_believed(copies, name):
    """The source as it was handed out, and newer objects made from a right one."""
    lab = copy(copies, name)
    seeded = {path: path.read_text() for path in map(lab.tree.joinpath, grade.seeded(lab))}
    patch(lab, lab.mutant(), "-R")
    assert build_tree(lab.tree) is None
    for path, text in seeded.items():
        path.write_text(text)
        os.utime(path, (0, 0))
    text, result = graded(lab, "answers.txt")
    assert result["points"] == 0, text


# A grade takes two boots: in the usual set the first lab's stand for all.
@pytest.mark.parametrize("name,times", [
    (min(LABS), 1), *(pytest.param(name, 2, marks=pytest.mark.full) for name in LABS)])
def test_right(copies, name, times):
    """Everything right: all points, and the same text and JSON each time."""
    lab = copy(copies, name, "right")
    results = [graded(lab, "solution/answers.txt") for _ in range(times)]
    text, result = results[0]
    assert all(other == results[0] for other in results), results
    assert result["points"] == result["of"] == 100 and not hints(result), text


@pytest.mark.parametrize("name,wrong", WRONG)
def test_wrong_repairs_fit(copies, name, wrong):
    copy(copies, name, wrong)


@pytest.mark.parametrize("name,wrong", [
    pytest.param(*item, marks=[pytest.mark.full] if number else [])
    for number, item in enumerate(WRONG)])
def test_known_wrong_repairs(copies, name, wrong):
    lab = copy(copies, name, wrong)
    text, result = graded(lab, "solution/answers.txt")
    expected = re.match("Hint: (.*)", (lab.folder / f"solution/{wrong}.patch").read_text())[1]
    assert result["points"] < result["of"], text
    assert expected in hints(result), f"expected {expected!r}, got:\n{text}"


@each_lab
def test_known_wrong_answers(name):
    """Each answer with a hint of its own is wrong, and none is both."""
    for number, question in LABS[name].config["questions"].items():
        assert question["right"] and question["hint"], number
        assert not set(question["right"]) & set(question["wrong"]), number


def test_forms_of_numbers():
    """A number that is surely hexadecimal counts in all forms; a small one may be decimal."""
    lab = Lab("4")
    for answer, number, expected in (
            ("0X0000000000001000", "0x1000", True), ("0000000000205460", "0x205460", True),
            ("1000", "0x1000", True), ("C0000102H", "0xc0000102", True), ("13", "13", True),
            ("0x00000000", "0", True), ("0xd", "13", True), ("13", "0x13", False),
            ("0x13", "13", False), ("4294967295", "4294967295", True), ("UNAME", "uname", True)):
        got = digest(lab, "1", number) in digests(lab, "1", answer)
        assert got == expected, f"{answer} for {number}: expected {expected}, got {got}"


def test_forms_of_names():
    """As gdb, the headers and manuals write them."""
    lab = LABS[min(LABS)]
    for number, answer, expected in (
            ("2", "bit 31", True), ("2", "bit 5", False), ("4", "sys_uname", True),
            ("4", "__NR_uname", True), ("5", "%rcx", True), ("5", " $rcx ", True),
            ("5", "%r11", False), ("6", "#PF", True), ("6", "page fault", True),
            ("6", "vector 0x0e", True), ("6", "#GP", False)):
        right = lab.config["questions"][number]["right"]
        got = bool(set(digests(lab, number, answer)) & set(right))
        assert got == expected, f"{number}: {answer}: expected {expected}, got {got}"


def test_handout():
    """No solutions, and all else; the tests of the labs need the solutions and go with them."""
    subprocess.run(["make", "-s", f"BUILD={BUILD}", "handout"], cwd=ROOT, check=True)
    with tarfile.open(BUILD / "paranoid-handout.tar.gz") as archive:
        names = archive.getnames()
    assert not [name for name in names if "solution" in name or name.endswith("test_labs.py")]
    for name in LABS:
        for needed in "README.md", "lab.json", "answers.txt":
            assert f"paranoid/labs/{name}/{needed}" in names
    assert "paranoid/Makefile" in names
