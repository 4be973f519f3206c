# SPDX-License-Identifier: MIT
"""Call frame information as rules: what readelf prints of .eh_frame,
to be applied to a state of the machine.

A value is whatever the caller uses for one; only stack addresses, ("at", stack, offset), and
numbers, ("is", n), can be added to.  None is unknown.
"""

import re

from .entryimage import output

REGISTER = re.compile(r"r\d+ \((\w+)\)")
OPERATION = re.compile(r"DW_OP_(\w+?)\d*(?: \((\w+)\))?(?:: (-?\d+))?$")


def plus(value, number):
    if value is None or value[0] not in ("at", "is"):
        return value if number == 0 else None
    return value[:-1] + (value[-1] + number,)


class Frame:
    """One FDE: rows, each from an address on: (rule of the CFA, {register: rule})."""

    def __init__(self, low, high, cie):
        self.low, self.high, self.signal = low, high, cie.signal
        self.rows = {low: (cie.cfa, dict(cie.rules))}
        self.cfa, self.rules, self.at = cie.cfa, dict(cie.rules), low

    def finish(self):
        """A row for every address."""
        for at in range(self.low, self.high):
            self.rows.setdefault(at, self.rows[at - 1] if at > self.low else None)

    def apply(self, at, registers, memory):
        """The registers of the frame below."""
        cfa_rule, rules = self.rows[at]
        cfa = evaluate(cfa_rule, registers)
        below = {**registers, "rsp": cfa, "rip": None}
        for register, (kind, argument) in rules.items():
            if kind == "offset":
                place = plus(cfa, argument)
                below[register] = memory.get(place[1:]) if place else None
            elif kind == "register":
                below[register] = registers.get(argument)
            else:
                below[register] = "undefined"
        return below


class Cie:
    def __init__(self, signal):
        self.signal, self.cfa, self.rules = signal, None, {}


def evaluate(rule, registers):
    """A register and an offset, or an expression over registers:
    a sum whose last term may be a number, shifted."""
    kind, argument = rule
    if kind == "sum":
        return plus(registers.get(argument[0]), argument[1])
    stack = []
    for text in argument.split("; "):
        name, register, number = OPERATION.match(text).groups()
        if name == "breg":
            stack.append(plus(registers.get(register), int(number)))
        elif name == "lit":
            stack.append(("is", int(re.search(r"\d+$", text)[0])))
        else:
            right, left = stack.pop(), stack.pop()
            if not left or not right or right[0] != "is":
                return None
            stack.append(plus(left, right[1]) if name == "plus" else ("is", left[1] << right[1]))
    return stack.pop()


def instruct(entry, name, text):
    """One DW_CFA instruction, for an FDE or a CIE."""
    names, numbers = REGISTER.findall(text), re.findall(r"(?<![\w(])[+-]?\d+$", text)
    if name in ("def_cfa", "def_cfa_sf"):
        entry.cfa = ("sum", (names[0], int(numbers[0])))
    elif name in ("def_cfa_offset", "def_cfa_offset_sf"):
        entry.cfa = ("sum", (entry.cfa[1][0], int(numbers[0])))
    elif name == "def_cfa_expression":
        entry.cfa = ("expression", text.strip("()"))
    elif name == "offset":
        entry.rules[names[0]] = ("offset", int(text.rpartition("cfa")[2]))
    elif name == "register":
        entry.rules[names[0]] = ("register", names[1])
    elif name == "undefined":
        entry.rules[names[0]] = ("undefined", None)
    elif name == "same_value":
        entry.rules.pop(names[0], None)
    else:
        raise AssertionError(f"DW_CFA_{name} {text}")


def frames(path, low, high):
    """All FDEs between two addresses."""
    found, cies, entry = [], {}, None
    for line in output("readelf", "-wf", path).splitlines():
        words = line.split()
        if "CIE" in words[3:4]:
            cie = words[0]
            entry = None
        elif words[:1] == ["Augmentation:"]:
            entry = cies[cie] = Cie("S" in words[1])
        elif "FDE" in words[3:4]:
            start, end = (int(x, 16) for x in words[5][3:].split(".."))
            cie = words[4][4:].rjust(len(words[0]), "0")
            entry = Frame(start, end, cies[cie]) if low <= start < high else None
            if entry:
                found.append(entry)
        elif entry and line.startswith("  DW_CFA_") and words != ["DW_CFA_nop"]:
            name, text = re.match(r"\s*DW_CFA_(\w+):? ?(.*)", line).groups()
            if name.startswith("advance_loc"):
                entry.at = int(text.split()[-1], 16)
            else:
                instruct(entry, name, text)
            if isinstance(entry, Frame):
                entry.rows[entry.at] = (entry.cfa, dict(entry.rules))
    for entry in found:
        entry.finish()
    return found
