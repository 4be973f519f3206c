# SPDX-License-Identifier: MIT
"""The mutants of "make mutants" (about five minutes, so not run here) still fit the source that they spoil."""

import re
import subprocess

import pytest

from harness.machine import ROOT

PATCHES = sorted((ROOT / "tests" / "mutants").glob("*.patch"))
CHECKS = {"paths", "ktest", "sweep"}


@pytest.mark.parametrize("patch", PATCHES, ids=lambda path: path.stem)
def test_patch_applies_and_has_a_story(patch):
    text = patch.read_text()
    killer = re.search(r"^Killed-by: (\w+)$", text, re.M)
    assert killer and killer.group(1) in CHECKS
    assert len(text[:text.index("diff --git")]) > 120, "the story is missing"
    result = subprocess.run(["patch", "-s", "-f", "-p1", "--dry-run", "-r", "-", "-i", patch], cwd=ROOT,
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
