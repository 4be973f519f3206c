#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every shape of machine that QEMU offers, and CPU models of Bochs, booted to the test summary or
to a clear refusal.

machines.py [WORD...]    boots the rows whose name has one of the words and prints the table
machines.py --all        boots all of them and puts the table into docs/HARDWARE.md
                         ("make machines")
"""
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness import bochs, firmware  # noqa: E402
from harness.machine import REFUSED, ROOT, Machine  # noqa: E402
from harness.screen import Watched  # noqa: E402

PAGE = ROOT / "docs" / "HARDWARE.md"
BEGIN, END = "<!-- made by make machines -->\n", "<!-- end -->\n"
TESTS = "-- run-tests smoke"


@dataclass
class Row:
    """A machine, and how its boot has to end."""
    name: str
    parameters: dict = field(default_factory=dict)  # of Machine
    says: str = ""          # a line that the kernel must print, too
    refuses: bool = False   # says is the refusal
    usual: bool = False     # in "make test", not only in "make test-full"
    by_screen: bool = False     # nothing comes by serial port: read the picture
    bochs: str = ""             # Bochs's CPU model: a PC of its own, with a BIOS without ACPI
    does: list = field(default_factory=list)    # before that kernel starts: GRUB's commands
    madt: list = field(default_factory=list)    # and what CPUs the ACPI table has that it writes


def shape(name, *more, usual=False, **parameters):
    return Row(name, {"more": more, **parameters}, usual=usual)


def refusal(name, says, **parameters):
    return Row(name, parameters, says=says, refuses=True)


def odd(name, says, does, madt=(), refuses=False, cpus=0):
    """Firmware that leaves the local APICs in an odd way."""
    return Row(f"Bochs, {name}", {"cpus": cpus or max(len(madt), 1)}, says=says, refuses=refuses,
               bochs="corei7_skylake_x", does=does, madt=list(madt))


X2APIC = "selftest: x2APIC mode"
ROWS = [
    shape("pc, PVH"),
    shape("q35, PVH", "--machine", "q35"),
    shape("pc, BIOS, CD", boot="bios"),
    shape("pc, BIOS, USB", boot="bios", media="usb"),
    shape("q35, BIOS, CD", "--machine", "q35", boot="bios"),
    shape("q35, BIOS, USB", "--machine", "q35", boot="bios", media="usb"),
    shape("pc, UEFI, CD", "--machine", "pc", boot="uefi"),
    shape("q35, UEFI, CD", boot="uefi"),
    shape("q35, UEFI, USB", boot="uefi", media="usb"),

    shape("no video card, BIOS", "--vga", "none", boot="bios"),
    shape("no video card, UEFI", "--vga", "none", boot="uefi"),
    shape("VGA text mode", "--gfx", "text", boot="bios"),
    shape("VGA 1024x768, 16 bits", "--gfx", "1024x768x16", boot="bios"),
    *[Row(f"{card}, {firmware.upper()}", {"boot": firmware, "more": ["--vga", card]},
          by_screen=True)
      for card in ("std", "bochs", "ramfb", "virtio") for firmware in ("bios", "uefi")],
    Row("no serial port", {"boot": "bios", "more": ["--no-serial"]}, by_screen=True),
    shape("no PS/2 controller", "--machine", "q35", qemu=["-machine", "i8042=off"]),

    *[shape(f"{n} CPUs", cpus=n) for n in (1, 2, 4, 8)],
    shape("16 CPUs", "--machine", "q35", cpus=16),
    shape("16 CPUs, UEFI", boot="uefi", cpus=16),
    shape("4 CPUs in 2 sockets", cpus=4, qemu=["-smp", "4,sockets=2,cores=1,threads=2"]),
    Row("72 CPUs", {"cpus": 72, "mem": 512, "more": ["--machine", "q35"]},
        says="acpi: more than 64 CPUs: left out from APIC id"),
    *[shape(f"{n} MiB", mem=n) for n in (64, 128, 1024)],
    shape("4 GiB", mem=4096),
    shape("16 GiB", mem=16384),
    shape("16 GiB, UEFI", boot="uefi", mem=16384),
    Row("no ACPI", {"cpus": 2, "qemu": ["-machine", "acpi=off"]}, says="acpi: no root pointer",
        usual=True),

    *[shape(f"-cpu {model}", cpu=model) for model in (
        "qemu64-v1", "kvm64-v1", "Opteron_G1-v1", "core2duo-v1", "Nehalem-v1", "SandyBridge-v1",
        "Haswell-v4", "Skylake-Client-v4", "Icelake-Server-v6", "EPYC-v1", "EPYC-Milan-v1",
        "max")],
    shape("-cpu max, Intel", cpu="max,vendor=GenuineIntel"),
    shape("-cpu max, no FSGSBASE", cpu="max,-fsgsbase"),
    shape("-cpu max, no SMAP, SMEP, UMIP", cpu="max,-smap,-smep,-umip"),
    shape("-cpu max, no XSAVE", cpu="max,-xsave"),
    shape("-cpu max, no RDTSCP, MCE", cpu="max,-rdtscp,-mce,-mca"),

    refusal("-cpu qemu32", "this CPU has no 64-bit mode", cpu="qemu32-v1"),
    refusal("-cpu max, no APIC", "this CPU lacks a local APIC", cpu="max,-apic"),
    refusal("-cpu max, no NX", "no NX", cpu="max,-nx"),
    refusal("-cpu max, no SSE2", "this CPU lacks SSE2", cpu="max,-sse2"),
    refusal("-cpu max, no PAT", "this CPU lacks PAT", cpu="max,-pat"),
    refusal("12 MiB", "memory", mem=12),

    *[Row(f"Bochs, {model}", says="acpi: no root pointer", bochs=model) for model in (
        "core2_penryn_t9600", "corei7_sandy_bridge_2600k", "corei7_skylake_x", "corei7_icelake_u",
        "athlon64_clawhammer", "phenom_8650_toliman", "zambezi", "ryzen")],
    odd("APIC off", "firmware has switched it off", [firmware.APIC_OFF], [firmware.lapic(0)],
        refuses=True),
    odd("APIC moved, 2 CPUs", "selftest: xAPIC mode", [firmware.APIC_MOVED],
        [firmware.lapic(i) for i in range(2)]),
    odd("x2APIC", X2APIC, [firmware.X2APIC_ON], [firmware.x2apic(0)]),
    odd("x2APIC, 4 CPUs as LAPICs", X2APIC, [firmware.X2APIC_ON],
        [firmware.lapic(i) for i in range(4)]),
    odd("x2APIC, a third CPU with everybody's id", X2APIC, [firmware.X2APIC_ON],
        [*map(firmware.x2apic, range(2)), firmware.x2apic(firmware.EVERYBODY)], cpus=2),
]


def judge(row, text):
    """(good, words for the table)."""
    code = re.search(r"# result code: (\S+)", text)
    if row.refuses:
        fatal = re.search(r"paranoid: fatal: (.*)", text)
        said = fatal[1] if fatal else "?"
        return bool(fatal) and row.says in said, f"refused: {said}".strip()
    good = "# tests: 2 passed, 0 failed, 0 skipped" in text and bool(code) and row.says in text
    if row.by_screen or not good:
        return good, "tests pass, read from the screen" if good else "FAILED"
    fsgsbase = "on" if "selftest: FSGSBASE on" in text else "off"
    online = re.search(r"smp: (\d+) of \d+ CPUs online", text)
    cpus = int(online[1]) if online else 1
    words = f"tests pass; CPUs {cpus}, FSGSBASE {fsgsbase}"
    if row.does:
        good = cpus == row.parameters["cpus"]
    if row.says:
        return good, f"{words}; \"{re.search(re.escape(row.says) + '.*', text)[0].strip()}\""
    return cpus == row.parameters.get("cpus", 1), words


def boot_by_screen(row, machine):
    """The last page of the screen is all there is."""
    with Watched(machine, "--stay") as watched:
        end = time.monotonic() + 180
        while time.monotonic() < end:
            text = "\n".join(watched.picture().text())
            if "power off, status" in text:
                return 0, text
            time.sleep(0.5)
        return None, text


def run(row):
    """(status, what the machine printed, everything for a person to look at)."""
    name = "machine-" + re.sub(r"\W+", "-", row.name)
    if row.bochs:
        before = firmware.write(name, *row.does, cpus=row.madt) if row.does else None
        text, status = bochs.boot(name, row.bochs, TESTS, cpus=row.parameters.get("cpus", 1),
                                  firmware=before)
        return status, text, text
    machine = Machine(name, append=TESTS, **row.parameters)
    if row.by_screen:
        status, text = boot_by_screen(row, machine)
        return status, text, text
    result = machine.run()
    return result.status, result.output.replace("\r", ""), result.explain()


def boot(row):
    """(good, words, everything for a person to look at)."""
    status, text, details = run(row)
    good, words = judge(row, text)
    refused = bochs.FAILED if row.bochs else REFUSED
    return good and status == (refused if row.refuses else 0), words, details


def table(results):
    lines = ["| machine | result |", "|---|---|"]
    return "\n".join(lines + [f"| {row.name} | {words} |" for row, words in results]) + "\n"


def main():
    words = sys.argv[1:]
    rows = [row for row in ROWS if "--all" in words or not words or
            any(word in row.name for word in words)]
    results, bad = [], 0
    for row in rows:
        good, text, details = boot(row)
        bad += not good
        results.append((row, text))
        print(f"{'ok' if good else 'BAD':4}{row.name:34}{text}", flush=True)
        if not good:
            print(details)
    if "--all" in words and not bad:
        head, _, tail = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(head + BEGIN + table(results) + END + tail.partition(END)[2])
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
