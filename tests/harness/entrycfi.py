# SPDX-License-Identifier: MIT
"""Executes the entry code of the linked kernel on symbols, along every path,
and unwinds at every instruction.

At the start of a path each register holds its own name: ("in", "rbx") is RBX as the interrupted
code had it.  Pushes and copies carry these values around, and wherever a path is, the call frame
information must find them all again: RIP, RSP and the 15 others.  C functions are not entered; they
lose the registers that C may lose.
"""

import struct
from collections import namedtuple

from capstone import x86

from .cfirules import frames, plus
from .entryimage import Image, constant
from .entrystarts import DIFFERENT, GENERAL, PRESERVED, RETURNED, WHOLE, interrupted, starts

State = namedtuple("State", "at kind registers memory")


class Execution:
    def __init__(self, path, features):
        self.image = Image(path, features)
        symbols = self.image.symbols
        self.text = range(symbols["__entry_text_start"], symbols["__entry_text_end"])
        self.frames = frames(path, self.text.start, self.text.stop)
        self.covering = {at: frame for frame in self.frames for at in range(frame.low, frame.high)}
        self.landing = dict(self.extable())
        self.instructions = dict(self.disassemble())
        self.espfix_words, self.espfix_alias = (("gs", constant(f"PERCPU_espfix_{name}"))
                                                for name in ("words", "alias"))

    def extable(self):
        start, end = (self.image.symbols[f"__ex_table_{border}"] for border in ("start", "end"))
        for at in range(start, end, 8):
            here, there = struct.unpack_from("<ii", self.image.data, self.image.offset(at))
            yield at + here, at + 4 + there

    def disassemble(self):
        code = self.image.data[self.image.offset(self.text.start):][:len(self.text)]
        for insn in self.image.decoder.disasm(bytes(code), self.text.start):
            yield insn.address, insn

    def problem(self, state, text):
        self.problems.append(f"{self.image.name(state.at)} ({state.kind}): {text}")

    def run(self):
        self.visited, self.ends, self.problems = set(), set(), []
        work, seen = [State(*start) for start in starts(self.image)], set()
        while work:
            state = work.pop()
            key = (state.at, state.kind, frozenset(state.registers.items()),
                   frozenset(state.memory.items()))
            if key not in seen:
                seen.add(key)
                self.visited.add(state.at)
                self.check(state, state.at, state.registers)
                work.extend(self.step(state))
        return self.problems

    def left_out(self):
        """Instructions that no path came to."""
        return {at for at, insn in self.instructions.items()
                if at not in self.visited and insn.mnemonic not in ("nop", "int3", "ud2")}

    # ------------------------------------------------------------------ what CFI says

    def check(self, state, at, registers):
        """Unwinds from here; a caller in the entry text is looked up by its CALL."""
        while True:
            frame = self.covering.get(at)
            if not frame:
                return self.problem(state, f"no CFI for {at:x}")
            registers = frame.apply(at, registers, state.memory)
            rip = registers["rip"]
            if rip == "undefined":
                return self.may_end(state)
            if not rip or rip[0] != "ret":
                return self.compare(state, registers)
            at = rip[1] - 1

    def compare(self, state, registers):
        different = DIFFERENT.get(state.kind, {})
        for name, value in registers.items():
            right = different.get(name, {("in", name)})
            if right and value not in right:
                self.problem(state, f"CFI says {name} is {value}, expected {right}")

    def may_end(self, state):
        """CFI says that no more can be known.  Is it so?"""
        found = {*state.registers.values(),
                 *(v for (where, _), v in state.memory.items() if where != "gs")}
        if {("in", "rip"), ("in", "rsp")} <= found:
            self.problem(state, "CFI ends here, although RIP and RSP can be found")
        self.ends.add(state.at)

    # ------------------------------------------------------------------ what the instruction does

    def step(self, state):
        insn = self.instructions[state.at]
        after = state._replace(at=insn.address + insn.size, registers=dict(state.registers),
                               memory=dict(state.memory))
        name = insn.mnemonic
        if state.at in self.landing:
            yield after._replace(at=self.landing[state.at])
        if name == "call":
            yield from self.call(after, insn)
        elif name in ("ret", "jmp", "iretq"):
            yield from self.leave(after, insn)
        elif name not in ("sysret", "sysretq", "ud2"):
            if insn.group(x86.X86_GRP_JUMP):
                yield after._replace(at=insn.operands[0].imm % 2**64)
            getattr(self, "do_" + name.replace("rep ", ""), self.do_other)(after, insn)
            yield after

    def call(self, after, insn):
        """Into the entry code; or C, seen from inside and then behind it."""
        registers, operand = after.registers, insn.operands[0]
        target = operand.imm % 2**64 if operand.type == x86.X86_OP_IMM else 0
        if not all(self.covering[at].signal for at in (after.at - 1, after.at)):
            self.problem(after, "a door that waits is no signal frame")
        if target in self.text:
            registers["rsp"] = plus(registers["rsp"], -8)
            after.memory[registers["rsp"][1:]] = ("ret", after.at)
            yield after._replace(at=target)
            return
        for name in GENERAL:
            if name not in PRESERVED:
                registers[name] = None
        registers["rax"] = RETURNED
        self.check(after, after.at - 1, registers)
        # a copy of the frame: as if from user mode
        if target == self.image.symbols["fixup_bad_iret"]:
            registers["rax"] = ("at", "fixed", registers["rsp"][2])
            after.memory.update({("fixed", at): value for (where, at), value in after.memory.items()
                                 if where == "stack"})
        yield after

    def leave(self, after, insn):
        """RET, JMP, IRETQ: to an address in the entry text, or it is the end of the path."""
        registers, target = after.registers, None
        if insn.mnemonic == "jmp":
            target = self.value(after, insn, insn.operands[0])
        else:
            rsp = registers["rsp"]
            target, registers["rsp"] = after.memory.get(rsp[1:]), plus(rsp, 8)
            if insn.mnemonic == "iretq":
                registers["rsp"] = after.memory.get((rsp[1], rsp[2] + 24))
        if target and target[0] in ("is", "ret") and target[1] % 2**64 in self.text:
            yield after._replace(at=target[1] % 2**64)

    def place(self, state, insn, operand):
        """Of a memory operand: which stack or other object, and where in it."""
        memory = operand.mem
        if memory.segment == x86.X86_REG_GS:
            return "gs", memory.disp
        if memory.base == x86.X86_REG_RIP:
            return "image", insn.address + insn.size + memory.disp
        base = state.registers.get(WHOLE.get(insn.reg_name(memory.base),
                                             insn.reg_name(memory.base)))
        if not base or memory.index:
            return None
        return (base[1], base[2] + memory.disp) if base[0] == "at" else (base, memory.disp)

    def value(self, state, insn, operand):
        if operand.type == x86.X86_OP_IMM:
            return "is", operand.imm
        if operand.type == x86.X86_OP_REG:
            name = insn.reg_name(operand.reg)
            return state.registers.get(WHOLE.get(name, name))
        place = self.place(state, insn, operand)
        if place and place[0] == "gs" and place not in state.memory:
            return "at", place, 0       # a pointer in struct percpu leads to an object of its own
        return state.memory.get(place)

    def store(self, state, insn, operand, value):
        if operand.type == x86.X86_OP_REG:
            name = insn.reg_name(operand.reg)
            name = WHOLE.get(name, name)
            if name == "rsp" and not value:
                self.problem(state, f"{insn.mnemonic} {insn.op_str}: the stack pointer is lost")
                value = "at", "lost", 0
            if name in state.registers:         # not a segment's
                state.registers[name] = value
        elif place := self.place(state, insn, operand):
            state.memory[place] = value
        else:
            self.problem(state, f"{insn.mnemonic} {insn.op_str} writes to an unknown place")

    def push(self, state, value):
        state.registers["rsp"] = rsp = plus(state.registers["rsp"], -8)
        state.memory[rsp[1:]] = value

    def do_push(self, state, insn):
        value = self.value(state, insn, insn.operands[0])
        # ~vector: all the same
        self.push(state, None if value and value[0] == "is" and value[1] < -38 else value)

    def do_pushfq(self, state, insn):
        self.push(state, state.registers["rflags"])

    def do_pop(self, state, insn):
        rsp = state.registers["rsp"]
        state.registers["rsp"] = plus(rsp, 8)
        self.store(state, insn, insn.operands[0], state.memory.get(rsp[1:]))

    def do_popfq(self, state, insn):
        state.registers["rsp"] = plus(state.registers["rsp"], 8)

    def do_mov(self, state, insn):
        to, source = insn.operands
        self.store(state, insn, to, self.value(state, insn, source))

    def do_lea(self, state, insn):
        to, source = insn.operands
        place = self.place(state, insn, source)
        self.store(state, insn, to, place and (("is", place[1]) if place[0] == "image"
                                               else ("at", *place)))

    def do_add(self, state, insn, sign=1):
        to, number = insn.operands
        if to.type == x86.X86_OP_REG:
            self.store(state, insn, to, plus(self.value(state, insn, to), sign * number.imm))

    def do_sub(self, state, insn):
        self.do_add(state, insn, -1)

    def do_or(self, state, insn):
        """With the user's half of ESP it is where the alias of espfix's
        five words lies (entry/espfix.asm)."""
        to, source = insn.operands
        if source.type == x86.X86_OP_MEM and self.place(state, insn, source) == self.espfix_alias:
            return self.store(state, insn, to, ("at", self.espfix_words, 0))
        return self.do_other(state, insn)

    def do_movsq(self, state, insn):
        """REP MOVSQ can be interrupted after each word."""
        registers = state.registers
        while registers["rcx"][1]:
            self.check(state._replace(at=insn.address), insn.address, registers)
            state.memory[registers["rdi"][1:]] = state.memory.get(registers["rsi"][1:])
            for name, step in (("rsi", 8), ("rdi", 8), ("rcx", -1)):
                registers[name] = plus(registers[name], step)

    def do_other(self, state, insn):
        """Whatever it writes is unknown.
        Arithmetic in memory touches no saved register (SYSENTER sets IF)."""
        for register in insn.regs_access()[1]:
            name = insn.reg_name(register)
            name = WHOLE.get(name, name)
            if name == "rsp":
                self.problem(state, f"{insn.mnemonic} {insn.op_str}: the stack pointer is lost")
            elif name in GENERAL:
                state.registers[name] = None
