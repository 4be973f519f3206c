# SPDX-License-Identifier: MIT
"""What the documents claim about the source, checked against the source."""

import re
import shutil
import subprocess
import sys

from harness import tree
from harness.machine import ROOT

ID = r"[A-Z][A-Z0-9]*(?:-[A-Z])?-[0-9]+"


def sources():
    return {name: (ROOT / name).read_text()
            for name in tree.sources("boot", "entry", "kernel", "sched")}


def test_every_checked_invariant_is_documented():
    """Each id that an ASSERT, a panic or a comment names has a row in docs/INVARIANTS.md."""
    documented = set(re.findall(rf"^\| ({ID}) \|", (ROOT / "docs/INVARIANTS.md").read_text(), re.M))
    used = {}
    for name, text in sources().items():
        for found in re.findall(rf'"({ID})"|"({ID}) violated|\(({ID})[:)]', text):
            used.setdefault("".join(found), name)
    missing = {i: used[i] for i in sorted(set(used) - documented)}
    print(f"{len(used)} ids in the source, {len(documented)} documented")
    assert not missing, f"not in docs/INVARIANTS.md: {missing}"


def test_every_documented_invariant_is_in_the_source():
    text = "".join(sources().values())
    rows = re.findall(rf"^\| ({ID}) \|", (ROOT / "docs/INVARIANTS.md").read_text(), re.M)
    gone = [i for i in rows if i not in text]
    assert rows and not gone, f"no longer in the source: {gone}"


def test_invariants_are_named_where_they_are_made():
    """A file in the column "made in" has the id."""
    text, files = (ROOT / "docs/INVARIANTS.md").read_text(), sources()
    for row in re.findall(rf"^\| ({ID}) \|[^|]*\|([^|]*)\|", text, re.M):
        for name in re.findall(r"[\w/]+\.(?:c|h|asm|inc|ld)\b", row[1]):
            place = files[name] if name in files else (ROOT / name).read_text()
            assert row[0] in place, f"{row[0]} is not in {name}"


def test_every_boot_option_is_documented():
    source = re.sub(r"/\*.*?\*/", "", (ROOT / "boot/cmdline.c").read_text(), flags=re.S)
    options = set(re.findall(r'"([a-z][a-z0-9]*)=?"', source))
    text = (ROOT / "docs/ABI.md").read_text()
    missing = [o for o in sorted(options) if not re.search(rf"`{o}[=`]", text)]
    assert options and not missing, f"not in docs/ABI.md: {missing}"


def test_links_between_documents():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")),
                 *sorted((ROOT / "labs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_file_names_its_licence():
    ours = re.compile(r"\.(c|h|asm|inc|ld|py|sh|mk|cfg)$|Makefile$")
    without = [n for n in tree.sources() if ours.search(n)
               and "SPDX-License-Identifier: MIT" not in (ROOT / n).read_text()[:300]]
    assert not without, without


def test_sources_without_git(tmp_path):
    """A handout has no .git: the same files are found."""
    files = [name for name in tree.sources() if (ROOT / name).is_file()]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    show = "from harness import tree; print(*sorted(tree.sources()), sep='\\n')"
    found = subprocess.run([sys.executable, "-c", show], cwd=tmp_path / "tests",
                           capture_output=True, text=True, check=True).stdout
    assert found.splitlines() == sorted(files)
