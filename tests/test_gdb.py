# SPDX-License-Identifier: MIT
"""The "paranoid" commands of gdb, each with what it has to show at a place that is known."""

import re

import pytest

from harness.gdb import session

STEPS = """python
cpu = gdb.selected_thread().num
for step in range(100):
    gdb.execute("stepi", to_string=True)
    if gdb.selected_thread().num != cpu or gdb.selected_frame().name() == "irq_common":
        print("left")
        break
else:
    print("stayed")
end"""

# What cat will read, at the moment in which it is made.
PROC_TEXT = """python
text = gdb.parse_and_eval("t")
gdb.execute("finish")
text, memory = text.dereference(), gdb.selected_inferior()
size = int(text["size"])
pages = [bytes(memory.read_memory(int(text["page"][n]), 4096)) for n in range(-(-size // 4096))]
print(b"".join(pages)[:size].decode())
end"""

CALL = {
    "start": "continue", "door": "hbreak entry_SYSCALL_64", "there": "continue",
    "deleted": "delete",
    "gs in the gap": "paranoid gs", "frame in the gap": "paranoid frame",
    "swapgs": "stepi", "gs behind it": "paranoid gs",
    "five pushes": "stepi 7", "frame in part": "paranoid frame",
    "to C": "hbreak syscall_64_end", "in C": "continue", "deleted again": "delete",
    "frame": "paranoid frame", "regs": "print *regs",
    "segments": "paranoid segments", "gate": "print idt[1]", "cr4": "print $cr4_words($cr4)",
    "xcr0": "print $xcr0_words(cpu_info.xcr0)", "flags": "print $flags_words(0x40346)",
    "alternatives": "paranoid alternatives", "one": "paranoid alternatives paranoid_entry",
    "all": "paranoid alternatives all", "none": "paranoid alternatives nothing",
    "ist": "paranoid ist",
    "held back": "maintenance packet qqemu.sstep", "steps": STEPS,
    "to user": "paranoid nextuser", "gs in user mode": "paranoid gs",
    "frame in user mode": "paranoid frame", "back": "paranoid nextkernel", "gs back": "paranoid gs",
    "fault": "hbreak exc_page_fault", "faulted": "continue", "frame of a fault": "paranoid frame",
    "again": "delete", "nmi": "hbreak nmi_repeat", "sent": "monitor nmi", "came": "continue",
    "ist in an nmi": "paranoid ist", "frame in an nmi": "paranoid frame",
}


def outputs(name, commands, machine):
    return dict(zip(commands, session(name, list(commands.values()), machine)))


@pytest.fixture(scope="module", params=["", "nofsgsbase"])
def call(request):
    """A system call of init's, from its door on, in both GS modes."""
    machine = "--cpus 2" + (f" --append {request.param}" if request.param else "")
    return outputs(f"call{request.param}", CALL, machine) | {"fsgsbase": not request.param}


def row(text, name):
    """The rest of the line that begins with a name."""
    match = re.search(rf"^{re.escape(name)} +(.*)$", text, re.M)
    assert match, f"expected a line {name!r}, got:\n{text}"
    return match[1]


def slots(text):
    """Slot -> (value, the words behind it) of "paranoid frame"."""
    found = re.findall(r"^ *\+\d+ (\w+) +(0x\w+)  (.*)$", text, re.M)
    return {slot: (int(value, 16), words) for slot, value, words in found}


def test_gs_tells_which_base_is_live(call):
    """R2.1: before SWAPGS CS says kernel while GS is the user's; behind it GS is the kernel's."""
    for place, level, live in (("gs in the gap", "0",
                                "user's, though CS says ring 0: this is the gap ("),
                               ("gs behind it", "0", "kernel's: ring 0"),
                               ("gs in user mode", "3", "user's: ring 3")):
        assert row(call[place], "CPL").startswith(level + " "), call[place]
        assert row(call[place], "live").startswith(live), call[place]
        assert row(call[place], "CR4.FSGSBASE").startswith(f"{call['fsgsbase']:d} "), call[place]
    assert "the kernel's" in row(call["gs in the gap"], "KERNEL_GS_BASE"), call["gs in the gap"]
    assert "the kernel's" in row(call["gs behind it"], "GS base"), call["gs behind it"]


def test_frame_as_it_grows(call):
    assert "the door has not switched yet" in call["frame in the gap"], call["frame in the gap"]
    part = slots(call["frame in part"])
    assert [slot for slot, (_, words) in part.items() if not words.startswith("not pushed")] == \
        ["ss", "rsp", "rflags", "cs", "rip"], call["frame in part"]


def test_frame_of_a_system_call(call):
    text, frame = call["frame"], slots(call["frame"])
    assert len(frame) == 21 and "entry_SYSCALL_64" in text, text
    assert frame["cs"] == (0x33, "the stub, not the CPU   user code, 64-bit"), text
    assert frame["rip"][0] == frame["rcx"][0] and frame["r11"][0] == frame["rflags"][0], text
    assert re.search(r"= rip 0x\w+ \w+.*\ncs 0x33 \(user code, 64-bit\)", call["regs"]), \
        call["regs"]
    assert "in user mode" in call["frame in user mode"], call["frame in user mode"]


def test_frames_that_the_cpu_pushes(call):
    fault = slots(call["frame of a fault"])
    assert fault["rip"][1].startswith("the CPU"), call["frame of a fault"]
    assert fault["rdi"][1].startswith("the stub"), call["frame of a fault"]
    text = call["frame in an nmi"]
    assert "NMI IST stack" in text and slots(text)["cs"][0] & 3 == 0, text


def test_ist_map(call):
    """IST-1: each stack's GS word, on every CPU; RSP marks the one in use."""
    assert len(re.findall("GS word and magic right", call["ist"])) == 8, call["ist"]
    assert "<- RSP" not in call["ist"], call["ist"]
    assert re.search(r"^CPU [01]  2 NMI .* right  <- RSP, \d+ bytes used$", call["ist in an nmi"],
                     re.M), call["ist in an nmi"]


def test_words(call):
    assert row(call["segments"], "CS").endswith("kernel code"), call["segments"]
    assert "code 64-bit readable, DPL 3" in row(call["segments"], "0x0030"), call["segments"]
    assert "TSS, busy" in row(call["segments"], "0x0040"), call["segments"]
    assert "entry_DB, interrupt gate, DPL 0, IST 3" in call["gate"], call["gate"]
    assert ("FSGSBASE" in call["cr4"]) == call["fsgsbase"] and "SMAP" in call["cr4"], call["cr4"]
    assert '"x87 SSE' in call["xcr0"], call["xcr0"]
    assert '"PF ZF TF IF AC"' in call["flags"], call["flags"]


def test_alternatives_as_patched(call):
    word = "replaced" if call["fsgsbase"] else "default"
    text = call["alternatives"]
    assert re.search(rf"paranoid_entry +FSGSBASE +{word}", text), text
    assert re.search(r"exception_common\S* +SMAP +replaced +clac", text), text
    assert len(call["one"].splitlines()) == 2, call["one"]
    assert re.search(rf"^0x\w+ schedule\+\d+ +FSGSBASE +{word}", call["all"], re.M), call["all"]
    assert "no SYSRET_KEEPS_SS" in call["all"], call["all"]
    assert "no alternative in nothing" in call["none"], call["none"]


def test_crossings(call):
    assert re.search(r"#0 +entry_\w+ \(\)", call["back"]), call["back"]
    assert row(call["gs back"], "CPL").startswith("0 "), call["gs back"]


def test_steps_stay_on_one_cpu_and_out_of_its_timer(call):
    """QEMU's three bits: single steps are there, and hold back interrupts and timers."""
    assert 'received: "0x7"' in call["held back"], call["held back"]
    assert "\nstayed" in call["steps"], call["steps"]


def test_symbols_follow_the_program():
    """Init first, then the test that it runs, 64-bit and 32-bit."""
    commands = {"start": "continue", "door": "hbreak syscall_64_end", "there": "continue",
                "deleted": "delete", "init": "paranoid program"}
    for bits in "64", "32":
        commands |= {f"next{bits}": "paranoid nextprogram smoke",
                     f"program{bits}": "paranoid program", f"threads{bits}": "paranoid threads",
                     f"stop{bits}": "tbreak main",
                     f"main{bits}": "continue", f"back{bits}": "bt"}
    got = outputs("program", commands, "--append -- --append run-tests --append */smoke")
    assert "/sbin/init, pid 1" in got["init"] and "debug/sbin/init" in got["init"], got["init"]
    for bits in "64", "32":
        program, threads = got[f"program{bits}"], got[f"threads{bits}"]
        assert f"/test/{bits}/smoke, pid" in program, program
        assert f"debug/test/{bits}/smoke" in program, program
        assert f"vdso{bits}.full.so at 0x" in program, program
        assert re.search(r"^ +1 +1 init +(sleeping|runnable) +\d ", threads, re.M), threads
        assert re.search(r"^ +\d+ +\d+ smoke +runnable +0\*", threads, re.M), threads
        assert re.search(r"^#0 +main \(", got[f"back{bits}"], re.M), got[f"back{bits}"]


def test_commands_of_a_breakpoint_come_after_the_symbols():
    """Init is new at this stop: its symbols and the vDSO's are loaded in a handler, and the
    breakpoint's commands have to wait for the handlers behind it."""
    mark = "python gdb.events.stop.connect(lambda event: print('handlers are through'))"
    point = ("hbreak syscall_64_end\ncommands\necho the commands of it\\n\n"
             "python print(*[objfile.filename for objfile in gdb.objfiles()])\nend")
    got = outputs("commands", {"start": "continue", "mark": mark, "point": point,
                               "there": "continue"}, "")["there"]
    handlers, _, commands = got.partition("the commands of it")
    assert handlers.count("handlers are through") == 1, \
        f"expected the handlers to end before the commands, got:\n{got}"
    assert "debug/sbin/init" in commands and "vdso64.full.so" in commands, got
    assert "handlers" not in commands, got


def test_trace_is_what_the_kernel_writes():
    """Each event word by word as in /proc/entry_trace, by both CPUs."""
    commands = {"too early": "paranoid trace", "door": "hbreak proc_show_entry_trace",
                "start": "continue", "there": "continue", "deleted": "delete", "kernel": PROC_TEXT,
                "own": "paranoid trace", "0": "paranoid trace 0 150", "1": "paranoid trace 1 150",
                "no CPU": "paranoid trace 2", "no number": "paranoid trace one"}
    got = outputs("trace", commands, "--cpus 2 -- /bin/busybox cat /proc/entry_trace")
    lines = re.compile(r"^trace: cpu=\d+ n=\d+ tsc=.*$", re.M)
    kernel = lines.findall(got["kernel"])
    for cpu in "01":
        shown = lines.findall(got[cpu])
        last = [line for line in kernel if f"cpu={cpu} " in line][-1]
        shown = shown[:shown.index(last) + 1]       # newer ones are of the time since
        expected = kernel[kernel.index(shown[0]):][:len(shown)]
        print(f"CPU {cpu}: {len(shown)} events compared")
        assert shown == expected and len(shown) > 1, got[cpu]
    # The newest system call is the openat of the CPU that we are stopped on.
    assert len(lines.findall(got["own"])) == 16, got["own"]
    assert "arg=101 " in re.findall(r"enter=SYSCALL .*", got["own"])[-1], got["own"]
    assert "CPU 0 records nothing yet" in got["too early"], got["too early"]
    assert "there is no CPU 2: the last one is 1" in got["no CPU"], got["no CPU"]
    assert "two numbers" in got["no number"], got["no number"]
