# SPDX-License-Identifier: MIT
"""make rr: backwards over SWAPGS and over both changes between 64-bit and 32-bit code.

What is seen when one comes back is compared with what was there the first time, and the way
forward from there once more."""

import json

import pytest

from harness.gdb import session

REGISTERS = ("rip rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 eflags "
             "cs ss ds es fs gs fs_base gs_base k_gs_base cr3").split()
BEGIN = f"""python
import json
import crossing
import past
def state():
    print(json.dumps({{name: int(gdb.parse_and_eval("$" + name)) for name in {REGISTERS}}}))
end"""
STATE = "python state()"
# Ctrl-C while the machine is stepped by that method of Past's: where gdb and the machine are then.
INTERRUPT = """python
import sys
def interrupted(method):
    step = past.step
    def press():
        if sys._getframe(1).f_code.co_name == method:
            raise KeyboardInterrupt
        return step()
    past.step = press
    try:
        gdb.execute("paranoid back")
        print("not interrupted")
    except (KeyboardInterrupt, gdb.error):
        now = past.registers()
        print(f"{past.value(now, 'rip'):#x} {int(gdb.parse_and_eval('$pc')):#x}",
              past.value(now, "rbx"))
    finally:
        past.step = step
end"""
EXIT = "python crossing.to_exit()"      # to the IRET or SYSRET, not over it

# The first system call of init: its door, and its way out.
SWAPGS = [
    ("begin", BEGIN), ("interrupt", INTERRUPT), ("not yet", "paranoid back"),
    ("at reset", "paranoid record"), ("before reset", "paranoid prevuser"), ("start", "continue"),
    ("door", "hbreak entry_SYSCALL_64"), ("at door", "continue"),
    ("record", "paranoid record"), ("too early", "paranoid back"), ("gap", STATE),
    ("over", "stepi"), ("swapped", STATE),
    ("back", "paranoid back"), ("gap again", STATE), ("gs in the gap", "paranoid gs"),
    ("over again", "stepi"), ("swapped again", STATE),
    ("gap once more", "paranoid back"), ("from the gap", "paranoid record"),
    ("through", "break *($pc + 3)"),
    ("commands", "python gdb.breakpoints()[-1].commands = 'echo on\\ncontinue'"),
    ("to C", "tbreak syscall_64_end"), ("in C", "continue"), ("C", STATE),
    ("changed C", "set $rbx = 77"), ("in walk", "python interrupted('walk')"),
    ("too far", "paranoid back 100000"), ("rbx", "print $rbx"),
    ("in go", "python interrupted('go')"), ("before C", "paranoid back"),
    ("near", "python print(past.past.near[1])"), ("on to C", "stepi"), ("C again", STATE),
    ("guard", "tbreak *$pc"),
    ("talk", "python gdb.breakpoints()[-1].commands = 'echo talks'"),
    ("off C", "stepi"), ("onto C", "paranoid back"), ("C guarded", STATE),
    ("guards", "info breakpoints"), ("unguard", "delete $bpnum"),
    ("anew", "paranoid record"),
    ("run", EXIT), ("exit", STATE),
    ("to swapgs", "paranoid back"), ("user's base next", "x/i $pc"),
    ("behind swapgs", "paranoid back"), ("unswapped", STATE),
    ("far", "paranoid prevuser"), ("unswapped still", STATE),
    ("forth", "stepi 2"), ("exit again", STATE),
]
# A fast system call of a 32-bit program, there and back.
SWITCH = [
    ("no door", "delete"), ("program", "paranoid nextprogram fast_syscalls"),
    ("call", "hbreak enter_syscall"), ("called", "continue"), ("deleted", "delete"),
    ("record32", "paranoid record"), ("pushes", "stepi 4"), ("user", STATE),
    ("into", "stepi"), ("door32", STATE),
    ("back32", "paranoid back"), ("user again", STATE),
    ("into again", "stepi"), ("door32 again", STATE), ("deeper", "stepi 6"),
    ("to user", "paranoid prevuser"), ("user once more", STATE),
    ("to C32", "tbreak syscall_fast_32_end"), ("in C32", "continue"), ("anew32", "paranoid record"),
    ("run32", EXIT), ("exit32", STATE), ("exit code", "x/i $pc"),
    ("out", "stepi"), ("pad", STATE),
    ("back in", "paranoid back"), ("exit32 again", STATE),
    ("out again", "paranoid nextuser"), ("pad again", STATE),
    ("to kernel", "paranoid prevkernel"), ("exit32 once more", STATE),
]
# A disk that is full.
FULL = """python
monitor = past.monitor
def full(command):
    if command.startswith("savevm"):
        raise past.Trouble("no space")
    monitor(command)
past.monitor = full
end"""
# Memory is changed by hand, and then the snapshot of a stop is replaced by another machine's.
WRONG = [
    ("limit", "python past.LIMIT = 50"), ("away", "paranoid nextkernel"),
    ("changed", "set *(long *)($rsp - 1024) = 1"), ("on", "stepi 3"), ("here", STATE),
    ("no way", "paranoid back"), ("here still", STATE),
    ("record3", "paranoid record"), ("first", "stepi"), ("kept", "paranoid back"),
    ("other", "set $rbx = $rbx + 1"),
    ("replaced", "python past.monitor(f'savevm {past.past.tags[0]}')"),
    ("forward", "stepi"), ("another way", "paranoid back"), ("ended", "paranoid back"),
    ("record4", "paranoid record"), ("few", "python past.KEPT = 2"),
    ("one", "stepi"), ("two", "stepi"), ("three", "stepi"),
    ("dropped", "paranoid back 2"), ("not dropped", "paranoid back"), ("full", FULL),
    ("not kept", "stepi"),
    ("empty", "python past.monitor = monitor"), ("not there", "paranoid back"),
    ("error", "paranoid back xyz"),
    ("two", "paranoid back 1 2"), ("what", "paranoid record this"),
    ("off", "kill"), ("back without", "paranoid back"), ("record without", "paranoid record"),
]


@pytest.fixture(scope="module", params=["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def got(request):
    commands = SWAPGS + SWITCH + WRONG
    machine = f"--append '{request.param} -- run-tests */fast_syscalls'"
    outputs = session(f"rr{request.param}", [command for _, command in commands], machine, True)
    return {name: json.loads(text) if command == STATE else text
            for (name, command), text in zip(commands, outputs)}


def same(got, first, *later):
    """Every register is what it was the first time."""
    for name in later:
        changed = {register: f"expected {value:#x}, got {got[name][register]:#x}"
                   for register, value in got[first].items() if got[name][register] != value}
        assert not changed, f"{name}, compared with {first}: {changed}"


def test_over_swapgs(got):
    """R2.1: the two bases change places, and nothing else changes but RIP."""
    gap, swapped = got["gap"], got["swapped"]
    moved = {"rip": gap["rip"] + 3, "gs_base": gap["k_gs_base"], "k_gs_base": gap["gs_base"]}
    assert swapped == gap | moved and gap["gs_base"] != gap["k_gs_base"], (gap, swapped)
    same(got, "gap", "gap again")
    same(got, "swapped", "swapped again")
    assert "this is the gap" in got["gs in the gap"], got["gs in the gap"]


def test_from_a_breakpoint_on_and_back(got):
    """One that comes back to a breakpoint leaves it; no timer comes in between the two stops."""
    assert "syscall_64_end (" in got["in C"], got["in C"]
    assert "syscall_64_end (" in got["before C"], got["before C"]
    same(got, "C", "C again")


def test_breakpoints_are_not_met_on_the_way(got):
    """Neither is one deleted, nor are its commands run, where one comes back to it."""
    same(got, "C", "C guarded")
    assert "talks" not in got["onto C"], got["onto C"]
    assert "del" in got["guards"], got["guards"]


def test_keeps_a_snapshot_near(got):
    """A long way back leaves one, for those who go on backwards."""
    assert int(got["near"]) > 0, got["near"]


def test_stays_where_it_was(got):
    """After Ctrl-C, too, the machine is where gdb says, with what the user has changed."""
    assert "nothing like that since the recording began" in got["too far"], got["too far"]
    assert got["rbx"].split() == ["$1", "=", "77"], got["rbx"]
    for method in "in walk", "in go":
        expected = f"{got['C']['rip']:#x} {got['C']['rip']:#x} 77"
        assert got[method].strip() == expected, f"{method}: {got[method]}, expected {expected}"


def test_over_swapgs_on_the_way_out(got):
    assert "swapgs" in got["user's base next"], got["user's base next"]
    assert got["unswapped"]["gs_base"] == got["exit"]["k_gs_base"], got["unswapped"]
    assert got["unswapped"]["k_gs_base"] == got["exit"]["gs_base"], got["unswapped"]
    same(got, "exit", "exit again")


def test_over_the_switch_from_32_bit_code(got):
    """R6.1: SYSCALL in compatibility mode, whose door is 64-bit code."""
    assert (got["user"]["cs"], got["door32"]["cs"]) == (0x23, 0x10), (got["user"], got["door32"])
    assert "entry_SYSCALL_compat" in got["into"], got["into"]
    same(got, "user", "user again", "user once more")
    same(got, "door32", "door32 again")


def test_over_the_switch_to_32_bit_code(got):
    assert (got["exit32"]["cs"], got["pad"]["cs"]) == (0x10, 0x23), (got["exit32"], got["pad"])
    assert "sysretl" in got["exit code"], got["exit code"]
    same(got, "exit32", "exit32 again", "exit32 once more")
    same(got, "pad", "pad again")


def test_nothing_is_before_the_recording(got):
    assert "nothing is recorded" in got["not yet"], got["not yet"]
    assert "the recording begins here" in got["too early"], got["too early"]
    assert "the recording begins here" in got["before reset"], got["before reset"]
    assert "nothing like that since the recording began" in got["far"], got["far"]
    same(got, "unswapped", "unswapped still")


def test_another_past_is_not_shown(got):
    assert "no way of 50 instructions leads" in got["no way"], got["no way"]
    same(got, "here", "here still")
    assert "exception_common" in got["kept"], got["kept"]
    assert "THIS IS NOT THE PAST" in got["another way"], got["another way"]
    before = got["here"]["rbx"]
    assert f"rbx is {before + 1:#x} and was {before:#x}" in got["another way"], got["another way"]
    assert "nothing is recorded" in got["ended"], got["ended"]


def test_keeps_the_last_stops(got):
    assert "nothing like that since the recording began" in got["dropped"], got["dropped"]
    assert got["not dropped"].startswith("#0"), got["not dropped"]


def test_recording_ends_with_its_disk_or_machine(got):
    assert "the recording has ended: no space" in got["not kept"], got["not kept"]
    assert "nothing is recorded" in got["not there"], got["not there"]
    assert 'No symbol "xyz"' in got["error"], got["error"]
    assert "N is 1 or more" in got["two"], got["two"]
    assert "takes no argument" in got["what"], got["what"]
    for command in "back without", "record without":
        assert got[command].startswith("no machine"), got[command]


def test_needs_its_machine():
    """Without a disk for snapshots, and with two CPUs."""
    text, = session("rr-none", ["paranoid record"])
    assert "make rr" in text, text
    text, = session("rr-cpus", ["paranoid record"], "--cpus 2")
    assert "several CPUs" in text, text
