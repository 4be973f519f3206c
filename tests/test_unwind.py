# SPDX-License-Identifier: MIT
"""gdb's backtrace in the handler behind each door shows the user's function,
with his RIP, RSP and registers.

The programs tests/programs/doors64.asm and doors32.asm go through the doors;
one session of gdb follows them.
"""

import re
from dataclasses import dataclass, field

import pytest

from harness import gdb
from harness.entryimage import constant, output
from harness.machine import BUILD

KERNEL = BUILD / "paranoid.elf"
PROGRAMS = {bits: BUILD / "host" / f"doors{bits}" for bits in (64, 32)}
COMMON = {"rdx": 0x5001, "rbx": 0x5003, "rsi": 0x5004, "rdi": 0x5005, "rbp": 0x5006,
          **{f"r{n}": 0x5000 + n for n in (8, 9, 10, 12, 13, 14, 15)}}
ALL = {**COMMON, "rcx": 0x5002, "r11": 0x500b}
COMMON_32 = {"rbx": 0x6003, "rsi": 0x6006, "rdi": 0x6007}
ALL_32 = {**COMMON_32, "rcx": 0x6001, "rdx": 0x6002, "rbp": 0x6005}

# What each stop asks gdb for.
LOOK = """python
def user():
    frame = gdb.newest_frame()
    while frame and frame.pc() >= 1 << 47:
        frame = frame.older()
    return frame

def look():
    gdb.execute("backtrace 24")
    frame = user()
    if frame:
        names = "pc rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15".split()
        values = (int(frame.read_register(n)) & (1 << 64) - 1 for n in names)
        print("user " + " ".join("%s=%x" % pair for pair in zip(names, values)))
end"""


@dataclass
class Stop:
    """One backtrace: where, with what to do before and behind it, and what it must show."""
    door: str
    names: str                      # from the innermost frame outwards; others may be between
    pc: int = 0                     # behind the door's first byte
    registers: dict = field(default_factory=lambda: ALL)
    when: str = ""                  # condition of the breakpoint at the first name
    before: tuple = ()
    after: tuple = ()
    bits: int = 64
    rsp: int = -8                   # from stack_top
    user: bool = True

    def commands(self, symbols):
        handler = self.names.split()[0]
        lines = [*self.before, f"tbreak *{handler} {self.when and 'if ' + self.when}", "continue",
                 "python look()"]
        return [re.sub(r"@(\w+)", lambda match: hex(symbols[match[1]]), line) for line in lines]

    def title(self):
        return f"{self.door} {self.bits} {self.names.replace(' ', '-')}"


EXCEPTION = "exception_common"
# action optional: the kernel goes on
MACHINE_CHECK = "monitor mce 0 5 0xb500000000000000 5 0 0"
# in the frame, at a handler's first instruction
RIP = f"*(unsigned long *)($rdi + {constant('REGS_rip')})"
RAX = f"*(unsigned long *)($rdi + {constant('REGS_rax')})"
SKIP = f"set var {RIP} = {RIP} + 2",            # out of JMP $
SYSENTER = {"pc": None, "registers": COMMON_32, "bits": 32}
STOPS = [
    Stop("door_syscall", "sys_getppid entry_SYSCALL_64", 2, COMMON),
    Stop("door_int80", "apic_in_service entry_INT80", 2),
    Stop("door_int80", "sys_getppid entry_INT80", 2),
    Stop("door_page_fault", f"exc_page_fault {EXCEPTION}", when=f"{RIP} == @door_page_fault"),
    Stop("door_page_fault", "exit_to_user return_from_exception",
         when=f"{RIP} == @door_page_fault"),
    Stop("door_invalid_opcode", f"exc_invalid_opcode {EXCEPTION}"),
    Stop("door_general_protection", f"exc_general_protection {EXCEPTION}"),
    Stop("door_breakpoint", f"exc_breakpoint {EXCEPTION}", 1),
    Stop("door_single_step", "exc_debug_user entry_DB"),
    Stop("door_timer", "irq_dispatch irq_common", when=f"{RIP} == @door_timer", after=SKIP),
    Stop("door_nmi", "nmi_handler nmi_stack_left", after=SKIP,
         before=("thbreak *@door_nmi", "continue", "monitor nmi")),
    Stop("door_machine_check", "exc_machine_check_user entry_MC",
         after=SKIP,
         before=("thbreak *@door_machine_check", "continue", MACHINE_CHECK)),
    # NMIs that interrupt the two gaps, where CS says kernel and RSP is the user's.
    Stop("door_gap", "nmi_handler nmi_window_closed entry_SYSCALL_64", 2, COMMON,
         before=("thbreak *@entry_SYSCALL_64", "continue", "stepi", "monitor nmi")),
    Stop("door_gap", "nmi_handler nmi_window_closed sysret_to_user", 2, COMMON,
         before=("thbreak *@sysretq", "continue", "monitor nmi")),
    Stop("door_gap",
         "exc_machine_check_kernel entry_MC nmi_handler nmi_window_closed sysret_to_user", 2,
         COMMON,
         before=(MACHINE_CHECK,)),
    # What is written to a register of the user's frame lands where it will be restored from.
    Stop("door_bad_iret", f"fixup_bad_iret {EXCEPTION} iret_to_user", 2,
         before=("tbreak *sys_getppid", "continue", "python user().select()",
                 "set var $cs = 0x1003")),
    Stop("door_new_thread", "sched_first_run entry_first_run", 2, COMMON),
    Stop("door_new_thread", "exit_to_user entry_first_run", 2, COMMON,
         when=f"{RIP} == @door_new_thread + 2 && {RAX} == 0"),
    Stop("door_int80", "sys_getppid entry_INT80", 2, ALL_32, bits=32, rsp=-4),
    Stop("door_vsyscall", "sys_getppid syscall_fast_common", rsp=-20, **SYSENTER),
    # SYSENTER leaves TF on: #DB at the door's first instruction, where RIP is lost already.
    Stop("door_step", "exc_debug_kernel entry_DB entry_SYSENTER", bits=32, user=False),
    Stop("door_step", "sys_getppid syscall_fast_common", rsp=-16, **SYSENTER),
    Stop("door_syscall", "sys_getppid syscall_fast_common", rsp=-16, **SYSENTER),
    # The stack cannot be read: what lies behind the landing pad is not looked for.
    Stop("door_no_stack", "syscall_fast_32_fault syscall_fast_fault", bits=32, user=False),
    Stop("double fault", "exc_double_fault entry_DF syscall_fast_32_fault",
         before=("set var $rsp = 0",),
         bits=32, user=False),
]


def symbols(path):
    rows = [line.split() for line in output("nm", path).splitlines()]
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


@pytest.fixture(scope="module")
def tables():
    kernel = symbols(KERNEL)
    code = output("objdump", "-d", f"--start-address={kernel['entry_SYSCALL_64']}", "-j", ".text",
                  f"--stop-address={kernel['entry_SYSCALL_64'] + 256}", KERNEL)
    kernel["sysretq"] = int(re.search(r"(\w+):.*sysretq", code)[1], 16)
    return {bits: {**kernel, **symbols(path)} for bits, path in PROGRAMS.items()}


@pytest.fixture(scope="module", ids=["fsgsbase", "nofsgsbase"],
                params=["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def said(request, tables):
    """title -> what gdb said there; "sysinfo" -> the 32-bit program's variable."""
    commands = [LOOK, *(f"add-symbol-file {path}" for path in PROGRAMS.values()), "delete"]
    wanted = {}
    for stop in STOPS:
        commands += stop.commands(tables[stop.bits])
        wanted[stop.title()] = len(commands) - 1
        commands += stop.after
        if stop.door == "door_vsyscall":
            wanted["sysinfo"] = len(commands)
            commands.append(f"x/wx {tables[32]['sysinfo']}")
    machine = "--append vsyscall=sysenter --append nmi=count "
    machine += request.param and f"--append {request.param} "
    outputs = gdb.session(f"unwind{request.param}", commands,
                          f"{machine} --add {PROGRAMS[32]}:/bin/doors32 -- {PROGRAMS[64]}")
    return {title: outputs[number] for title, number in wanted.items()}


def backtrace(text):
    """Names of the frames; without a local label, wherever in a door it is."""
    return [name.split(".")[0] for name in re.findall(r"^#\d+ +(?:0x\w+ in )?([^\s(]+)", text,
                                                      re.M)]


def landing_pad(tables, said):
    vdso = symbols(BUILD / "entry" / "vdso" / "vdso32.full.so")
    start = int(re.search(r":\s+0x(\w+)", said["sysinfo"])[1], 16)
    return start + vdso["vsyscall_sysenter.pad"] - vdso["vsyscall_sysenter"]


@pytest.mark.parametrize("stop", STOPS, ids=Stop.title)
def test_backtrace(stop, said, tables):
    shown, table = said[stop.title()], tables[stop.bits]
    names, wanted = backtrace(shown), stop.names.split()
    if stop.user and stop.pc is not None:
        wanted.append(stop.door)
    rest = iter(names)
    assert all(name in rest for name in wanted), f"expected {wanted}, got {names}\n{shown}"
    if stop.user:
        got = dict(pair.split("=") for pair in re.search(r"^user (.*)", shown, re.M)[1].split())
        pc = landing_pad(tables, said) if stop.pc is None else table[stop.door] + stop.pc
        expected = {"pc": pc, "rsp": table["stack_top"] + stop.rsp, **stop.registers}
        assert {name: int(got[name], 16) for name in expected} == expected, shown


def test_frames_go_on_in_the_program(said):
    """The program's own frames follow: the interrupted RIP is looked up as it is,
    and its caller is found."""
    for stop in STOPS:
        if stop.bits == 64 and stop.door not in ("door_gap", "door_bad_iret"):
            assert backtrace(said[stop.title()])[-2:] == [stop.door, "_start"], said[stop.title()]
