#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guided sessions in the labs' texts: read, replayed and compared, or written anew.

    session.py N      puts what gdb prints today into the text of lab N

A session is every fenced block with lines "(paranoid) COMMAND" and the output below each.  Numbers
that begin with 0x or have sixteen hexadecimal digits, those of source lines and the bytes of
instructions are compared only by being there; a line "..." stands for any lines.

A block that begins with "$ make lab N APPEND=WORD" begins anew, on a machine with that word on the
kernel's command line.
"""

import re
import sys

from lab import ROOT, Lab, with_append

sys.path.insert(0, str(ROOT / "tests"))

from harness.gdb import session  # noqa: E402  (after the path is set)

PROMPT = "(paranoid) "
MASKED = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{16}\b|(?<=asm:)\d+|(?<=inc:)\d+|(?<=\.c:)\d+"
                    r"|(?<=line )\d+|^\d+(?= )|(?<=>: )(?:[0-9a-f]{2} )+")
ANEW = re.compile(r"\$ make lab \d+ APPEND=(\S+)$")
BLOCK = re.compile(r"^```\n((?:\(paranoid\) |\$ make lab ).*?)^```$", re.M | re.S)


def steps(block):
    """The commands of a block with the output that it shows."""
    found = []
    for line in block.splitlines():
        if line.startswith(PROMPT) or ANEW.match(line):
            found.append((line.removeprefix(PROMPT), []))
        else:
            found[-1][1].append(line)
    return found


def blocks(lab):
    return [steps(block) for block in BLOCK.findall(lab.text.read_text())]


def machines(commands):
    """The commands of each machine, with the word on its kernel's command line."""
    found = [("", [])]
    for command in commands:
        anew = ANEW.match(command)
        if anew:
            found.append((anew[1], []))
        else:
            found[-1][1].append(command)
    return found


def run(lab, commands):
    """What each command prints; nothing for one that begins anew."""
    start, printed = lab.config["start"], []
    for word, part in machines(commands):
        printed += [""] if word else []
        printed += session(f"lab-{lab.number}{word}", start + part,
                           with_append(lab.config["machine"], word))[len(start):]
    return printed


def replay(lab):
    """What gdb prints for each command of the text, block by block."""
    shown = blocks(lab)
    printed = iter(run(lab, [command for block in shown for command, _ in block]))
    return [[(command, clean(next(printed))) for command, _ in block] for block in shown]


def clean(text):
    lines = [line.rstrip() for line in text.expandtabs().splitlines()]
    return [line for line in lines if line]


def masked(line):
    return MASKED.sub("#", " ".join(line.split()))


def aligned(shown, printed):
    """The text's choice of lines as they are printed today, with its "..."; None if they differ."""
    pattern = "".join(r"((?:.*\n)*?)" if line.strip() == "..." else f"({re.escape(masked(line))}\n)"
                      for line in shown)
    text = "".join(masked(line) + "\n" for line in printed)
    match = re.fullmatch(pattern, text)
    return match and [line if line.strip() == "..." else printed[text.count("\n", 0, start)]
                      for line, start in zip(shown, map(match.start, range(1, len(shown) + 1)))]


def agrees(shown, printed):
    """Whether output is what the text shows."""
    return aligned(shown, printed) is not None


def refresh(lab):
    """Where text and machine agree the text keeps its "..." lines."""
    new = iter(replay(lab))

    def written(match):
        lines = []
        for (command, shown), (_, printed) in zip(steps(match[1]), next(new)):
            today = aligned(shown, printed)
            lines += [command if ANEW.match(command) else PROMPT + command,
                      *(printed if today is None else today)]
        return "```\n" + "\n".join(lines) + "\n```"
    lab.text.write_text(BLOCK.sub(written, lab.text.read_text()))


if __name__ == "__main__":
    refresh(Lab((sys.argv[1:] or [""])[0]))
