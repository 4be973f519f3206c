# SPDX-License-Identifier: MIT
"""The entry trace (kernel/debug/entry_trace.h): in a panic, from /proc to JSON and SVG, and the
tool by itself.

That the events are nested and GS is left as it was found is checked in the kernel,
for each run of the sweep.
"""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from harness.machine import PANIC, ROOT, Machine

TOOL = ROOT / "tests" / "tools" / "entry_trace.py"
BUSYBOX = "/bin/busybox"

# Thread 70 calls getpid, faults in the call, and an NMI comes inside that; thread 71 was in the
# kernel before and leaves.
TEXT = """
trace: tsc_hz=1000000 cpus=2
trace: cpu=0 n=8 tsc=1000 thread=70 depth=1 enter=SYSCALL from=user gs=by-cs arg=27 \
frame=7f58 rip=401000
[    1.000000] trace: cpu=0 n=9 tsc=1010 thread=70 depth=2 enter=#PF from=kernel gs=by-cs \
arg=5000 frame=7e00 rip=ffffffff80200000 at=copy+0x1
trace: cpu=0 n=10 tsc=1015 thread=70 depth=3 enter=NMI from=kernel gs=restore \
arg=ffffffff80270000 frame=1f58 rip=ffffffff80200010 at=copy+0x11
some other line
trace: cpu=0 n=11 tsc=1018 thread=70 depth=3 exit=iret to=kernel frame=1f58 \
rip=ffffffff80200010 at=copy+0x11
trace: cpu=0 n=12 tsc=1017 thread=70 depth=2 exit=iret to=kernel frame=7e00 \
rip=ffffffff80200000 at=copy+0x1
trace: cpu=0 n=13 tsc=1030 thread=71 depth=1 switch
trace: cpu=0 n=14 tsc=1040 thread=71 depth=1 exit=sysretq to=user frame=9f58 rip=402000
trace: cpu=1 n=3 tsc=1035 thread=70 depth=1 switch
trace: cpu=1 n=4 tsc=1050 thread=70 depth=1 exit=sysretq to=user frame=7f58 rip=401000
"""


def tool(*arguments, text, status=0):
    result = subprocess.run([sys.executable, TOOL, *map(str, arguments), "-"], input=text,
                            capture_output=True,
                            text=True, timeout=60)
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout + result.stderr


def pictures(text, folder):
    """Both files, and what must hold of each."""
    tool("--json", folder / "trace.json", "--svg", folder / "trace.svg", text=text)
    return (check_json(json.loads((folder / "trace.json").read_text())),
            check_svg(folder / "trace.svg"))


def check_json(trace):
    """The Trace Event Format: in each track the times do not go back, and each E ends the B before
    it.  Names of entries."""
    tracks, last, names = {}, {}, []
    for event in trace["traceEvents"]:
        assert event["ph"] in "MBE", event
        assert isinstance(event["pid"], int) and isinstance(event["tid"], int), event
        if event["ph"] == "M":
            continue
        track = event["pid"], event["tid"]
        assert event["ts"] >= last.get(track, 0), f"time goes back: {event}, before {last[track]}"
        last[track] = event["ts"]
        if event["ph"] == "B":
            tracks.setdefault(track, []).append(event["name"])
            names += [event["name"]] * (event["cat"] == "entry")
        else:
            assert tracks.get(track) and tracks[track].pop() == event["name"], f"no B for {event}"
    assert not any(tracks.values()), f"no E for {tracks}"
    return names


def check_svg(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag.endswith("}svg")
    assert float(root.get("width")) > 0 and float(root.get("height")) > 0
    boxes = root.findall("{http://www.w3.org/2000/svg}rect")
    for box in boxes[1:]:
        assert float(box.get("x")) >= 0 and float(box.get("width")) > 0, box.attrib
    return " ".join(title.text for title in root.iter("{http://www.w3.org/2000/svg}title"))


def test_tool_makes_pictures(tmp_path):
    names, titles = pictures(TEXT, tmp_path)
    assert sorted(names) == ["#PF", "NMI", "SYSCALL getpid", "entered before"]
    for word in ("SYSCALL getpid, 50.000 us", "#PF", "NMI", "gs=restore", "thread 71"):
        assert word in titles, f"{word} not in {titles}"
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    nmi = next(event for event in events if event["name"] == "NMI" and event["ph"] == "B")
    assert (nmi["ts"], nmi["tid"], nmi["args"]["depth"], nmi["args"]["cpu"]) == (15, 70, 3, 0), nmi


def test_tool_summary():
    text = tool(text=TEXT)
    assert "9 events, 4 entries" in text and "1 NMI" in text, text


@pytest.mark.parametrize("cut,replacement,problem", [
    ("depth=2 exit", "depth=3 exit", "exit at depth 3, open is depth 2"),
    ("depth=3 enter", "depth=2 enter", "entry at depth 2 in an entry at depth 2"),
    ("to=kernel frame=7e00", "to=kernel frame=7d00", "frame or mode"),
    ("to=user frame=7f58", "to=kernel frame=7f58", "frame or mode"),
    ("tsc=1010 ", "tsc=now ", "no event"),
])
def test_tool_finds_what_is_not_nested(cut, replacement, problem):
    assert problem in tool(text=TEXT.replace(cut, replacement), status=1)


def test_tool_refuses_other_text():
    assert "no line of an entry trace" in tool(text="nothing\n", status=1)


@pytest.mark.parametrize("mode", ["", pytest.param("nofsgsbase", marks=pytest.mark.full)])
def test_program_to_pictures(mode, tmp_path):
    """A program's doors, from the guest to both files; other CPUs' threads are in it, too."""
    result = Machine(f"trace-{mode or 'fsgsbase'}", cpus=2, append=mode).run(
        BUSYBOX, "sh", "-c", "busybox true; cat /proc/entry_trace")
    assert result.status == 0, result.explain()
    names, titles = pictures(result.output, tmp_path)
    for door in ("#PF", "SYSCALL execve", "SYSCALL brk", "SYSCALL open"):
        assert any(name.startswith(door) for name in names), f"{door} not in {sorted(set(names))}"
        assert door in titles
    assert "way out=sysretq" in titles and "from=user" in titles


def panic(name, words="", **parameters):
    result = Machine(f"trace-{name}", append=f"ktest={name} {words}", **parameters).run()
    text = result.output + result.log
    assert result.status == PANIC, result.explain()
    tool(text=text)
    return text


@pytest.mark.parametrize("name,message,door", [
    ("panic_unknown_nmi", r"unknown NMI on CPU 0: nobody sent it, port 61h says 0x", "NMI"),
    ("panic_unexpected_vector", r"IRQ-1 violated: CPU 0 got vector 0x55", "IRQ-0x55"),
    ("panic_nmi_upon_nmi", r"NMI-1 violated: NMI upon NMI on CPU 0, the first one's frame is lost",
     "NMI"),
    ("panic_machine_check", r"machine check on CPU 0, bank -1: status 0+, ", "#MC"),
])
def test_panic_names_what_came(name, message, door):
    text = panic(name)
    assert re.search(rf"panic: {message}", text), text[-3000:]
    own = re.findall(r"trace: cpu=0 .*", text)
    assert own and f"enter={door} from=kernel" in own[-1], text[-3000:]
    assert ("gs=restore" if door in ("NMI", "#MC") else "gs=by-cs") in own[-1], own[-1]


@pytest.mark.parametrize("name,mode", [
    ("copied_nmi", ""), ("nested_nmi", ""), ("returning_nmi", "nofsgsbase"), ("nmi_in_nmi", ""),
    *(pytest.param(name, mode, marks=pytest.mark.full) for name, mode in (
        ("copied_nmi", "nofsgsbase"), ("nested_nmi", "nofsgsbase"), ("returning_nmi", ""),
        ("nmi_in_nmi", "nofsgsbase"))),
])
def test_nmi_upon_nmi_while_another_is_handled(name, mode):
    """NMI-1: a frame that is lost ends in a panic, never in two NMIs that return to each other.

    The second one finds a handler at work, and may have no event of its own."""
    text = panic(f"panic_nmi_upon_{name}", mode)
    message = "NMI-1 violated: NMI upon NMI on CPU 0, the first one's frame is lost"
    assert f"panic: {message}" in text, f"expected {message}, got {text[-3000:]}"


def test_panic_under_a_storm_of_nmis_shows_what_led_to_it():
    text = panic("panic_unexpected_vector", "nmistorm=20000")
    assert re.search(r"trace: cpu=0 .* enter=IRQ-0x55 from=kernel", text), text[-3000:]


@pytest.mark.parametrize("name,message", [
    ("panic_unexpected_exception", r"vector 20 \(#VE\), error code 0"),
    ("panic_unexpected_exception_with_code", r"vector 29 \(#VC\), error code 72"),
])
def test_panic_names_a_reserved_exception(name, message):
    """It has no event of its own: where it comes from the GS
    that the trace needs may be the user's."""
    text = panic(name)
    assert re.search(rf"panic: unexpected exception: {message}\b", text), text[-3000:]
    assert re.search(rf"trace: cpu=0 .*", text), text[-3000:]


def test_panic_stops_a_cpu_with_interrupts_off():
    text = panic("panic_while_another_cpu_spins", cpus=2)
    assert "does not stop" not in text, text[-3000:]
    other = re.findall(r"trace: cpu=1 .*", text)
    assert other and "enter=NMI from=kernel" in other[-1] and "at=spin+" in other[-1], text[-3000:]
