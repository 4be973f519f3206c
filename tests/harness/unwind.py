# SPDX-License-Identifier: MIT
"""Call frame information against the code: where is the stack at each instruction,
and what does CFI say?

walk() follows a function's branches from its first instruction and counts pushes and pops; rows()
reads the same from "readelf --debug-dump=frames-interp".  Both tell, for an instruction, the
distance from the stack pointer to the CFA, and which registers are saved how far below the CFA.
"""

import re
import subprocess
from dataclasses import dataclass, field

STACK = ("esp", "rsp")
# What a caller expects to find again.  The vsyscall functions keep ECX and EDX too.
KEPT = {"ebp", "ebx", "esi", "edi", "rbp", "rbx", "r12", "r13", "r14", "r15"}
PART = re.compile(r"[er]?([abcd])[xlh]|[er]?(bp|si|di)l?|(r1?\d)[dwb]?")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t(?:data16 |cs )*(\S+)\s*([^#<]*)")


@dataclass
class Function:
    start: int
    end: int
    signal: bool
    # first address -> (CFA offset or None, {register: offset})
    rows: dict = field(default_factory=dict)

    def row(self, at):
        return self.rows[max(start for start in self.rows if start <= at)]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True)
    assert not done.stderr, done.stderr
    return done.stdout


def disassemble(image):
    """address -> (mnemonic, operands, address of the next one)."""
    lines = [INSTRUCTION.match(line) for line in
             run("objdump", "-d", "-M", "intel", "--no-show-raw-insn", "-j", ".text",
                 image).splitlines()]
    found = [(int(m[1], 16), m[2], m[3].strip()) for m in lines if m]
    return {at: (name, operands, found[i + 1][0] if i + 1 < len(found) else None)
            for i, (at, name, operands) in enumerate(found)}


def whole(name, word):
    """The register that an operand is part of: ebx or rbx of bl."""
    match = PART.fullmatch(name)
    if not match:
        return name
    short = match[1] + "x" if match[1] else match[2]
    return match[3] or ("e" if word == 4 else "r") + short


def offset(text, base):
    """-8 of "c-8"; None where the rule is another one."""
    match = re.fullmatch(base + r"([+-]\d+)", text)
    return int(match[1]) if match else None


def functions(image):
    """Every FDE of the image, with its rows."""
    found, cies, registers = [], {}, []
    rows = {}
    for line in run("readelf", "-wF", image).splitlines():
        words = line.split()
        if "CIE" in words:
            rows = {}
            cies[int(words[0], 16)] = ("S" in line.split('"')[1], rows)
        elif "FDE" in words:
            cie = int(re.search(r"cie=([0-9a-f]+)", line)[1], 16)
            low, high = (int(x, 16) for x in re.search(r"pc=([0-9a-f]+)\.\.([0-9a-f]+)",
                                                       line).groups())
            signal, initial = cies[cie]
            rows = {low: row for row in initial.values()}
            found.append(Function(low, high, signal, rows))
        elif words[:1] == ["LOC"]:
            registers = words[2:]
        elif len(words) > 2 and re.fullmatch(r"[0-9a-f]{8,16}", words[0]):
            saved = {name: offset(text, "c") for name, text in zip(registers, words[2:])}
            rows[int(words[0], 16)] = (offset(words[1], "[er]sp"), saved)
    return found


def walk(function, code, word, kept):
    """address -> (distance to the CFA, {register: below the CFA},
    registers that were overwritten)."""
    seen, todo = {}, [(function.start, word, (), frozenset())]
    while todo:
        at, depth, saved, lost = todo.pop()
        if at in seen or not function.start <= at < function.end:
            continue
        seen[at] = (depth, dict(saved), lost)
        name, operands, after = code[at]
        state = dict(saved)
        if name == "push":
            depth += word
            if operands in kept and operands not in state:
                state[operands] = -depth
        elif name == "pop":
            depth -= word
            state.pop(operands, None)
            lost -= {operands}
        elif name in ("sub", "add") and operands.split(",")[0] in STACK:
            depth += int(operands.split(",")[1], 16) * (1 if name == "sub" else -1)
        elif name == "call" and int(operands, 16) == after:
            depth += word
        elif operands.split(",")[0] in STACK and name not in ("cmp", "test"):
            raise AssertionError(f"{at:x}: {name} {operands}: the stack pointer is lost")
        elif name not in ("cmp", "test"):
            lost |= {whole(operands.split(",")[0], word)} & kept
        if name.startswith("j") and re.fullmatch(r"(0x)?[0-9a-f]+", operands):
            todo.append((int(operands, 16), depth, tuple(state.items()), lost))
        if name not in ("ret", "jmp", "ud2"):
            todo.append((after, depth, tuple(state.items()), lost))
    return seen
