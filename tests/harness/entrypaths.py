# SPDX-License-Identifier: MIT
"""Walks every path through the entry code of the linked kernel and knows at each instruction whose
GS base is live, on which stack it runs, and whether interrupts are on.

The kernel's alternatives are applied here as at boot, so what is walked is what runs.  A path
begins at a vector or SYSCALL entry and ends at a return instruction; calls of C functions are check
points, where GS must be the kernel's.

    user     the user's              theirs   the interrupted code's, restored for it
    kernel   the kernel's            unknown  after a paranoid arrival from the kernel
    kernel?  a plain arrival from the kernel, its RIP not yet compared with the two fix-up sites
    cs       the interrupted CS tells
    leaving  a legacy paranoid exit that is about to swap back

For the stacks and entry/states.txt see harness/entrystates.py, which compares what is found.
"""

from collections import namedtuple

from capstone import x86

from .entryimage import SMAP, Image

IST_VECTORS = {1, 2, 8, 18}
RETURNS = ("iret_to_user", "iret_to_user_espfix")
SITES = ("iret_to_user", "gs_load_site")

# C functions that return with interrupts in a known state;
# all others but the doors' own leave it open.
INTERRUPTS = {"syscall_64_end": "off", "syscall_32_end": "off", "syscall_fast_32_end": "off",
              "syscall_fast_32_fault": "off",
              "exit_to_user": "off", "irq_dispatch": "off", "sched_first_run": "on"}
KEEP_INTERRUPTS = {"apic_in_service", "trace_system_call", "fixup_bad_iret", "nmi_handler",
                   "exc_debug_kernel", "exc_machine_check_kernel",
                   "exc_double_fault", "early_exception"}

State = namedtuple("State", "at gs guess cld clac calls kind test sites stack interrupts door")


def door_of(vector):
    named = {1: "#DB", 2: "NMI", 8: "#DF", 18: "#MC", 0x80: "INT 0x80"}
    return named.get(vector, "exceptions" if vector < 32 else "interrupts")


class Walk:
    def __init__(self, path, features):
        self.image, self.smap = Image(path, features), SMAP in features
        self.text = (self.image.symbols["__entry_text_start"],
                     self.image.symbols["__entry_text_end"])
        self.problems, self.seen, self.visited = [], set(), set()
        self.found = {}     # address: {(door, GS, stack, interrupts), ...}
        self.landings = self.image.exception_table()

    def problem(self, state, what):
        text = f"{self.image.name(state.at)}: {what} (GS is {state.gs}, {state.kind})"
        if text not in self.problems:
            self.problems.append(text)

    def arrivals(self):
        """The state at each way in."""
        symbols = self.image.symbols
        # FMASK clears DF and AC at SYSCALL; for all other doors the user's flags are live.
        for name, clean, stack, door in (("entry_SYSCALL_64", True, "user", "SYSCALL"),
                                         ("entry_SYSCALL_compat", True, "user", "SYSCALL, 32 bit"),
                                         ("entry_SYSENTER", False, "entry", "SYSENTER")):
            yield State(symbols[name], "user", False, clean, clean, (), "syscall", None, (), stack,
                        "off", door)
        for vector in range(256):
            at = self.image.quad(symbols["entry_vectors"] + 8 * vector)
            kind = "paranoid" if vector in IST_VECTORS else "interrupt" if vector >= 32 else "plain"
            gs = "unknown" if vector == 8 else "cs"
            stack = "ist" if vector in IST_VECTORS else "either"
            yield State(at, gs, False, False, False, (), kind, None, (), stack, "off",
                        door_of(vector))
        for vector in range(32):
            at = self.image.quad(symbols["entry_early_vectors"] + 8 * vector)
            yield State(at, "none", False, False, False, (), "early", None, (), "boot", "off",
                        "early")
        for name, kind, stack, door in (("entry_first_run", "thread", "thread", "new thread"),
                                        ("switch_to", "function", "switch", "thread switch"),
                                        ("load_gs_index", "function", "used", "selector loads"),
                                        ("load_user_segments", "function", "used",
                                         "selector loads")):
            yield State(symbols[name], "kernel", False, True, True, (), kind, None, (), stack,
                        "off", door)

    def run(self):
        work = list(self.arrivals())
        while work:
            state = work.pop()
            if state not in self.seen:
                self.seen.add(state)
                self.visited.add(state.at)
                self.found.setdefault(state.at, set()).add(
                    (state.door, state.gs, state.stack, state.interrupts))
                work.extend(self.step(state))
                if state.at in self.landings:   # reached from C, so with the kernel's GS
                    work.append(state._replace(at=self.landings[state.at], gs="kernel", guess=False,
                                               test=None))
        return self.problems

    def step(self, state):
        insn = self.image.instruction(state.at)
        after = state._replace(at=insn.address + insn.size, test=None)
        if any(op.type == x86.X86_OP_MEM and op.mem.segment == x86.X86_REG_GS
               for op in insn.operands):
            self.trusts_gs(state, "%gs access")
        if insn.mnemonic in ("iretq", "sysret", "sysretq"):
            return self.leave(state, insn)
        if insn.mnemonic == "ud2":
            return []
        if insn.group(x86.X86_GRP_CALL):
            return self.call(state, after, insn)
        if insn.mnemonic == "ret" or (insn.mnemonic == "jmp"
                                      and insn.operands[0].type != x86.X86_OP_IMM):
            if state.calls:
                return [after._replace(at=state.calls[-1], calls=state.calls[:-1])]
            if state.gs != "kernel":
                self.problem(state, "a function returns without the kernel's GS")
            return []
        if insn.mnemonic == "jmp":
            return [after._replace(at=self.target(insn))]
        if insn.group(x86.X86_GRP_JUMP):
            return self.branch(state, after, insn)
        return [self.plain(state, after, insn)]

    @staticmethod
    def target(insn):
        return insn.operands[0].imm % 2**64     # capstone's is signed

    def plain(self, state, after, insn):
        text = f"{insn.mnemonic} {insn.op_str}"
        if insn.mnemonic == "swapgs":
            if state.gs not in ("user", "kernel", "leaving"):
                self.problem(state, "SWAPGS without knowing whose GS is live")
            return after._replace(gs={"user": "kernel", "leaving": "theirs"}.get(state.gs, "user"))
        if insn.mnemonic in ("cli", "sti", "popfq"):    # the only POPFQ, SYSENTER's, loads IF = 0
            return after._replace(interrupts="on" if insn.mnemonic == "sti" else "off")
        if text.split(",")[0] in ("mov rsp", "pop rsp") and state.kind != "function":
            return self.new_stack(state, after, insn)
        if insn.mnemonic == "wrgsbase":     # RBX holds what was saved
            return after._replace(gs="theirs" if "rbx" in text else "kernel", guess=False)
        if insn.mnemonic == "lfence" and state.gs != "kernel?":
            return after._replace(guess=False)
        if insn.mnemonic == "cld":
            return after._replace(cld=True)
        if insn.mnemonic == "clac":
            return after._replace(clac=True)
        if insn.mnemonic == "cmp" and state.test in SITES:
            return after._replace(test=text, sites=tuple(sorted({*state.sites, state.test})))
        if insn.mnemonic in ("test", "cmp"):
            return after._replace(test=text)
        if insn.mnemonic == "lea" and insn.operands[1].mem.base == x86.X86_REG_RIP:
            target = insn.address + insn.size + insn.operands[1].mem.disp
            for site in SITES:
                if target == self.image.symbols[site]:
                    return after._replace(test=site)
        if state.test in SITES:
            return after._replace(test=state.test)
        return after

    @staticmethod
    def new_stack(state, after, insn):
        """The four ways in which entry code loads RSP; the one from a register is a frame as if
        from user mode."""
        source = insn.operands[-1]
        if insn.mnemonic == "pop":
            return after._replace(stack="espfix")
        if source.type == x86.X86_OP_REG:
            return after._replace(stack="thread", kind=state.kind.replace(" kernel", " user"))
        return after._replace(stack="thread" if source.mem.segment == x86.X86_REG_GS else "user")

    def branch(self, state, after, insn):
        """What a branch tells about GS.  Until a fence both outcomes are guesses (R2.29)."""
        taken = after._replace(at=self.target(insn))
        equal, unequal = (taken, after) if insn.mnemonic == "je" else (after, taken)
        of_cs = (bool(state.test) and state.test.startswith("test byte ptr")
                 and state.test.endswith(", 3"))
        if of_cs and state.kind.endswith(" user"):
            return [unequal]
        if of_cs and state.kind.endswith(" kernel"):
            return [equal]
        if state.gs == "kernel" and state.test == "test ebx, ebx":          # legacy exit
            return [taken._replace(gs="theirs"), after._replace(gs="leaving")]
        if state.gs in ("kernel", "theirs"):
            return [taken, after]
        taken, after = taken._replace(guess=True), after._replace(guess=True)
        equal, unequal = (taken, after) if insn.mnemonic == "je" else (after, taken)
        if of_cs and state.gs == "cs":
            gs = {"paranoid": "unknown", "plain": "kernel?", "interrupt": "kernel"}[state.kind]
            stacks = ("ist", "ist") if state.kind == "paranoid" else ("used", "thread")
            return [equal._replace(gs=gs, kind=state.kind + " kernel", stack=stacks[0]),
                    unequal._replace(gs="user", kind=state.kind + " user", stack=stacks[1])]
        if state.gs == "unknown" and insn.mnemonic == "js":                 # legacy: the sign
            return [taken._replace(gs="kernel"), after._replace(gs="user")]
        if state.gs == "kernel?" and state.sites:
            known = "kernel" if set(state.sites) == set(SITES) else "kernel?"
            return [equal._replace(gs="user"), unequal._replace(gs=known)]
        return [taken, after]

    def call(self, state, after, insn):
        target = self.target(insn) if insn.operands[0].type == x86.X86_OP_IMM else 0
        if self.text[0] <= target < self.text[1]:
            return [after._replace(at=target, calls=state.calls + (after.at,))]
        name = self.image.name(target).split("+")[0] if target else ""
        # a system call: on, as it was called
        through_table = insn.operands[0].type == x86.X86_OP_MEM
        if name not in KEEP_INTERRUPTS and not through_table:
            after = after._replace(interrupts=INTERRUPTS.get(name, "any"))
        if state.kind == "early":
            return [after]
        self.trusts_gs(state, f"call {name or 'of a handler'}")
        if not state.cld:
            self.problem(state, "C code may find DF set")
        if self.smap and not state.clac:
            self.problem(state, "C code may find AC set")
        return [after]

    def trusts_gs(self, state, what):
        if state.gs != "kernel":
            self.problem(state, f"{what} without the kernel's GS")
        elif state.guess:
            self.problem(state, f"{what} behind an unfenced guess")

    def leave(self, state, insn):
        returns = {self.image.symbols[name] for name in RETURNS}
        to_user = insn.mnemonic != "iretq" or insn.address in returns
        if to_user and state.gs != "user":
            self.problem(state, "return to user mode without the user's GS")
        if not to_user and state.gs == "kernel" and state.kind.startswith("paranoid"):
            self.problem(state, "a paranoid handler leaves the kernel's GS behind")
        if not to_user and state.gs == "user" and not state.kind.startswith("paranoid"):
            self.problem(state, "return to the kernel with the user's GS")
        return []
