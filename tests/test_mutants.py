# SPDX-License-Identifier: MIT
"""The mutants of "make mutants" (it takes minutes, so .ci/run does it) still fit the source that
they spoil, and each has its story."""

import functools
import re
import subprocess

import pytest

from harness.machine import ROOT
from harness.mutants import FOLDER, HEADINGS, mutants

MUTANTS = mutants()
every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


@functools.lru_cache(maxsize=None)
def words_of_the_source():
    return {word for folder in ("boot", "entry", "kernel", "sched")
            for path in (ROOT / folder).rglob("*")
            if path.suffix in (".c", ".asm", ".h") for word in re.findall(r"\w+", path.read_text())}


@functools.lru_cache(maxsize=None)
def kernel_tests():
    text = "".join(path.read_text() for path in (ROOT / "kernel").glob("*/*.c"))
    return set(re.findall(r"KTEST(?:_ON_REQUEST)?\((\w+)\)", text))


@every_mutant
def test_patch_applies(mutant):
    result = subprocess.run(["patch", "-s", "-f", "-p1", "--dry-run", "-r", "-", "-i",
                             mutant.patch], cwd=ROOT,
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@every_mutant
def test_named_check_exists(mutant):
    assert mutant.check.valid(), mutant.check.text
    kind, *words = mutant.check.text.split()
    if kind == "ktest":
        assert words[0] in kernel_tests()
    if kind == "user":
        assert (ROOT / f"user/test/{words[0].split('/')[1]}.c").exists()


@every_mutant
def test_story(mutant):
    """A page, under the same five headings, with the title of the patch; the gdb session names
    things that exist."""
    text = mutant.story.read_text()
    assert text.startswith(f"# {mutant.title}\n")
    assert re.findall(r"^## (.*)$", text, re.M) == HEADINGS
    sections = re.split(r"^## .*$", text, flags=re.M)[1:]
    words = [len(section.split()) for section in sections]
    assert all(count >= 25 for count in words), words
    assert len(text.split()) >= 250
    session, last = sections[3], sections[4]
    assert "(gdb) " in session
    check = " ".join(mutant.check.text.split()[:2])
    assert f"`{check}`" in last, "the last section names another check"


@every_mutant
def test_breakpoints_of_the_story_exist(mutant):
    for name in re.findall(r"\(gdb\) (?:hbreak|disassemble) (\w+)", mutant.story.read_text()):
        assert name in words_of_the_source()


def test_collection():
    """The bugs of the past that README lists are there;
    enough in all, and enough for the walk alone."""
    table = re.findall(r"^\| ([^|]*) \| ([^|]*) \|$", (FOLDER / "README.md").read_text(), re.M)[1:]
    named = {name for _, names in table for name in re.findall(r"\[([\w-]+)\]", names)}
    assert named == {mutant.name for mutant in MUTANTS}
    assert len(MUTANTS) >= 32
    assert sum(mutant.check.text == "paths" for mutant in MUTANTS) >= 6
    stories = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert stories == {mutant.name for mutant in MUTANTS}
