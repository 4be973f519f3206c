# SPDX-License-Identifier: MIT
"""The source files: what git knows; or, in a tree without git (a handout), what is there."""

import subprocess

from .machine import ROOT

NOT_OURS = {".git", "build", "__pycache__", ".pytest_cache"}


def sources(*more):
    """Names under ROOT; more: options and folders for git ls-files, the latter also without git."""
    if (ROOT / ".git").exists():
        done = subprocess.run(["git", "ls-files", *more], cwd=ROOT, capture_output=True, text=True,
                              check=True)
        return done.stdout.splitlines()
    folders = [ROOT / name for name in more if not name.startswith("-")] or [ROOT]
    found = (path.relative_to(ROOT) for folder in folders for path in sorted(folder.rglob("*"))
             if path.is_file())
    return [str(path) for path in found if not NOT_OURS & set(path.parts)]
