#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns the compiler calls of "make --dry-run V=1", read from standard input, into the JSON
that clangd and clang-tidy want."""

import json
import os
import shlex
import sys


def entries(lines):
    for line in lines:
        words = shlex.split(line, comments=True) if "-c" in line and ".c" in line else []
        if "-c" in words and words[-1].endswith(".c"):
            yield {"directory": os.getcwd(), "file": words[-1], "arguments": words}


json.dump(list(entries(sys.stdin.read().replace("\\\n", " ").splitlines())), sys.stdout, indent=1)
print()
