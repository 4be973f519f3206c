# SPDX-License-Identifier: MIT
"""What some firmware does, done by GRUB before the kernel: ACPI tables, MSRs (boot/mkiso.sh)."""

import struct

from .machine import LOGS

# Bochs's older BIOS has no ACPI.  From here on to A0000 it keeps its list of boot devices, which
# nobody needs any more; it lies in the EBDA, where a root pointer is looked for, and is reserved.
TABLES, END = 0x9ff00, 0xa0000


def lapic(apic_id, flags=1):
    return struct.pack("<BBBBI", 0, 8, apic_id & 0xff, apic_id, flags)


def x2apic(apic_id, flags=1):
    return struct.pack("<BBHIII", 9, 16, 0, apic_id, flags, apic_id)


X2APIC_ON = "wrmsr 0x1b 0xfee00d00"     # IA32_APIC_BASE: EN, EXTD and the boot CPU's flag
APIC_MOVED = "wrmsr 0x1b 0xfed80900"
APIC_OFF = "wrmsr 0x1b 0xfee00100"
EVERYBODY = 0xffffffff

IOAPIC = struct.pack("<BBBBII", 1, 12, 0, 0, 0xfec00000, 0)
PIT_ON_PIN_2 = struct.pack("<BBBBIH", 2, 10, 0, 0, 2, 0)


def checked(data, at):
    """With the byte there such that all of them add up to 0."""
    data = bytearray(data)
    data[at] = -sum(data) & 0xff
    return bytes(data)


def table(signature, body):
    head = struct.pack("<4sIBB6s8sI4sI", signature, 36 + len(body), 1, 0, b"TESTER", b"FIRMWARE",
                       1, b"TEST", 1)
    return checked(head + body, 9)


def tables(entries):
    """RSDP, RSDT and a MADT with these entries, at TABLES."""
    rsdp = checked(struct.pack("<8sB6sBI", b"RSD PTR ", 0, b"TESTER", 0, TABLES + 0x20), 8)
    rsdt = table(b"RSDT", struct.pack("<I", TABLES + 0x50))
    madt = table(b"APIC", struct.pack("<II", 0xfee00000, 1) + b"".join(entries))
    image = (rsdp.ljust(0x20, b"\0") + rsdt).ljust(0x50, b"\0") + madt
    assert len(image) <= END - TABLES
    return image + bytes(-len(image) % 4)


def write(name, *commands, cpus=()):
    """A directory for --firmware: with a MADT of these CPUs, and GRUB's commands."""
    place = LOGS / f"firmware-{name}"
    place.mkdir(parents=True, exist_ok=True)
    image = tables([*cpus, IOAPIC, PIT_ON_PIN_2]) if cpus else b""
    # GRUB 2.06 jumps into nowhere once it has seen a root pointer in Bochs.  It takes this word for
    # the EBDA's size, and does not look there; the kernel searches for itself.
    lines = ["write_word 0x9fc00 0"] if cpus else []
    lines += [f"write_dword {TABLES + 4 * i:#x} {word:#x}"
              for i, (word,) in enumerate(struct.iter_unpack("<I", image))]
    (place / "grub.cfg").write_text("".join(f"\t{line}\n" for line in [*lines, *commands]))
    return place
