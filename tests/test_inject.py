# SPDX-License-Identifier: MIT
"""A second opinion on the sweep from outside (spec 2.14): gdb stops QEMU at an instruction of the
entry code, the monitor sends an NMI or a #MC (R2.18), and afterwards everything that QEMU knows of
the CPU is what it was.

The program is user/test/gs_torture.c, which takes every door with hostile segments.
"""

import json
import re
import subprocess

import pytest

from harness.gdb import session
from harness.machine import BUILD, ROOT

# Code that #MC and NMI use themselves, or that ends the machine.
OTHERS = re.compile(
    r"early_|irq_stub_|entry_(DB|MC|DF|NMI)|paranoid_|nmi_|hop_to|.*interrupt_from|entry_first_run|"
                    r"load_|gs_load|.*\.bad")


def instructions():
    """Those that a program comes by: (address, symbol)."""
    symbols = dict(reversed(line.split(" ")[::2]) for line in subprocess.run(
        ["nm", BUILD / "paranoid.elf"], capture_output=True, text=True,
        check=True).stdout.splitlines())
    text = subprocess.run(["objdump", "-d", "-j", ".text", "--no-show-raw-insn",
                           f"--start-address=0x{symbols['__entry_text_start']}",
                           f"--stop-address=0x{symbols['__entry_text_end']}",
                           BUILD / "paranoid.elf"],
                          capture_output=True, text=True, check=True).stdout
    where, found = "", []
    for line in text.splitlines():
        label, instruction = re.match(r"\w+ <(.+)>:", line), re.match(r"\s*(\w+):\t", line)
        where = label.group(1) if label else where
        if instruction and not OTHERS.match(where):
            found.append((int(instruction.group(1), 16), where))
    return found, {name: int(value, 16) for name, value in symbols.items()}


def gdb(name, append, tmp_path, commands):
    """A machine that runs the program until gdb has done its commands:
    what gdb said, and the kernel's messages."""
    program = BUILD / "user" / "test" / "64" / "gs_torture"
    log = tmp_path / "log"
    machine = f"--append '{append}' --log {log} -- {program} 10000000"
    text = "".join(session(f"inject-{name}", ["delete", *commands], machine, limit=1200))
    return text, log.read_text(errors="replace")


def run(name, points, symbols, append, tmp_path, monkeypatch):
    job = tmp_path / "job"
    job.write_text(json.dumps({
        "points": points, "doors": {"nmi": symbols["entry_NMI"], "mce": symbols["entry_MC"]},
        "started": symbols["exc_divide_error"], "handler": symbols["nmi_handler"]}))
    monkeypatch.setenv("INJECT", str(job))
    text, _ = gdb(name, f"nmi=count {append}", tmp_path, [f"source {ROOT}/tests/gdb/inject.py"])
    out = tmp_path / "job.out"
    assert out.exists(), text
    return [json.loads(line) for line in out.read_text().splitlines()], text


@pytest.mark.parametrize("append, every", [
    ("", 40), pytest.param("", 1, marks=pytest.mark.full),
    pytest.param("nofsgsbase", 1, marks=pytest.mark.full)])
def test_events_from_outside(append, every, tmp_path, monkeypatch):
    found, symbols = instructions()
    names = dict(found)
    points = [[address, ("nmi", "mce")[i % 2]] for i, (address, _) in enumerate(found[::every])]
    points.append([symbols["nmi_handler"], "mce"])          # inside an NMI
    gap = [symbols["entry_SYSCALL_64"], "mce"]
    points += [] if gap in points else [gap]
    seen, text = run(f"{append or 'fsgsbase'}-{every}", points, symbols, append, tmp_path,
                     monkeypatch)
    wrong = [f"{event} at {names.get(at, 'nmi_handler')} {at:#x}: {problems}"
             for at, event, problems in seen if problems]
    print(f"{len(seen)} of {len(points)} instructions were come by")
    assert not wrong, "\n".join(wrong)
    assert len(seen) > len(points) / 3 and symbols["nmi_handler"] in [at for at, *_ in seen], text


def test_a_machine_check_inside_another_one(tmp_path):
    """MC-1: both are harmless, but the second one's frame lies over the first one's.  ist_find is
    where the first one, its MCIP cleared, looks for that."""
    inject = "monitor mce 0 5 0xb500000000000000 5 0x1234000 0"
    text, log = gdb("mc-in-mc", "", tmp_path, [
        "hbreak exc_divide_error", "continue", inject, "delete",
        "hbreak ist_find", "continue", inject, "delete", "continue"])
    assert "MC-1 violated: machine check on CPU 0, bank 5" in log, text + log
