#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guided sessions in the labs' texts: read, replayed and compared, or written anew.

    session.py N      puts what gdb prints today into the text of lab N

A session is every fenced block with lines "(paranoid) COMMAND" and the output below each.  Numbers
that begin with 0x or have sixteen hexadecimal digits, those of source lines and the bytes of
instructions are compared only by being there; a line "..." stands for any lines.
"""

import re
import sys

from lab import ROOT, Lab

sys.path.insert(0, str(ROOT / "tests"))

from harness.gdb import session  # noqa: E402  (after the path is set)

PROMPT = "(paranoid) "
MASKED = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{16}\b|(?<=asm:)\d+|(?<=inc:)\d+|(?<=\.c:)\d+"
                    r"|(?<=line )\d+|^\d+(?= )|(?<=>: )(?:[0-9a-f]{2} )+")
BLOCK = re.compile(r"^```\n((?:\(paranoid\) ).*?)^```$", re.M | re.S)


def steps(block):
    """The commands of a block with the output that it shows."""
    found = []
    for line in block.splitlines():
        if line.startswith(PROMPT):
            found.append((line[len(PROMPT):], []))
        else:
            found[-1][1].append(line)
    return found


def blocks(lab):
    return [steps(block) for block in BLOCK.findall(lab.text.read_text())]


def replay(lab):
    """What gdb prints for each command of the text, block by block."""
    shown = blocks(lab)
    commands = [command for block in shown for command, _ in block]
    start = lab.config["start"]
    outputs = session(f"lab-{lab.number}", start + commands, lab.config["machine"])
    printed = iter(outputs[len(start):])
    return [[(command, clean(next(printed))) for command, _ in block] for block in shown]


def clean(text):
    lines = [line.rstrip() for line in text.expandtabs().splitlines()]
    return [line for line in lines if line]


def masked(line):
    return MASKED.sub("#", " ".join(line.split()))


def agrees(shown, printed):
    """Whether output is what the text shows."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else re.escape(masked(line)) + r"\n"
                      for line in shown)
    return re.fullmatch(pattern, "".join(masked(line) + "\n" for line in printed)) is not None


def refresh(lab):
    """Where text and machine agree the text stays, and with it its "..." lines."""
    new = iter(replay(lab))

    def written(match):
        lines = []
        for (command, shown), (_, printed) in zip(steps(match[1]), next(new)):
            lines += [PROMPT + command, *(shown if agrees(shown, printed) else printed)]
        return "```\n" + "\n".join(lines) + "\n```"
    lab.text.write_text(BLOCK.sub(written, lab.text.read_text()))


if __name__ == "__main__":
    refresh(Lab((sys.argv[1:] or [""])[0]))
