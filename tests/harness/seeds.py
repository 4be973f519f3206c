# SPDX-License-Identifier: MIT
"""Seed inputs for the fuzz targets: one valid input of each kind, from which mutation starts."""

import struct

BASE = 0x100000    # tests/host/arena.h


def multiboot2_tag(kind, body):
    data = struct.pack("<II", kind, 8 + len(body)) + body
    return data + bytes(-len(data) % 8)


def multiboot2():
    ranges = [(0, 0x9fc00, 1), (0xf0000, 0x10000, 2), (0x100000, 0x7ee0000, 1)]
    entries = b"".join(struct.pack("<QQII", *entry, 0) for entry in ranges)
    tags = [
        multiboot2_tag(1, b"quiet -- true\0"),
        multiboot2_tag(6, struct.pack("<II", 24, 0) + entries),
        multiboot2_tag(3, struct.pack("<II", 0x1000000, 0x1200000) + b"\0"),
        multiboot2_tag(8, struct.pack("<QIIIBBH6B", 0xfd000000, 5120, 1280, 800, 32, 1, 0,
                                      16, 8, 8, 8, 0, 8)),
        multiboot2_tag(14, b"RSD PTR " + bytes(12)),
        multiboot2_tag(15, b"RSD PTR " + bytes(28)),
        multiboot2_tag(0, b""),
    ]
    body = b"".join(tags)
    return struct.pack("<II", 8 + len(body), 0) + body


def pvh():
    ranges = [(0, 0x9fc00, 1), (0xf0000, 0x10000, 2), (0x100000, 0x7f00000, 1)]
    memmap = b"".join(struct.pack("<QQII", *entry, 0) for entry in ranges)
    start = struct.pack("<IIIIQQQQII", 0x336ec578, 1, 0, 1, BASE + 64, BASE + 96, 0xf5a20,
                        BASE + 128, len(ranges), 0)
    data = start.ljust(64, b"\0")
    data += struct.pack("<QQQQ", 0x1000000, 0x200000, 0, 0)
    data += b"quiet -- true\0".ljust(32, b"\0")
    return data + memmap


def cpio_record(name, data):
    fields = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    record = b"070701" + b"".join(b"%08X" % f for f in fields) + name + b"\0"
    record += bytes(-len(record) % 4) + data
    return record + bytes(-len(record) % 4)


def cpio():
    return cpio_record(b"bin/a", b"hello") + cpio_record(b"TRAILER!!!", b"") + bytes(64)


def elf(bits):
    if bits == 64:
        headers = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, 0x401000, 64, 0, 0,
                              64, 56, 2, 0, 0, 0)
        headers += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0, 0x1800, 0x1800, 4096)
        headers += struct.pack("<IIQQQQQQ", 1, 6, 0x1800, 0x402800, 0, 0x100, 0x900, 4096)
    else:
        headers = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 3, 1, 0x401000, 52, 0, 0,
                              52, 32, 2, 0, 0, 0)
        headers += struct.pack("<IIIIIIII", 1, 0, 0x400000, 0, 0x1800, 0x1800, 5, 4096)
        headers += struct.pack("<IIIIIIII", 1, 0x1800, 0x402800, 0, 0x100, 0x900, 6, 4096)
    return headers.ljust(0x1900, b"\x90")


def acpi_table(signature, body):
    return struct.pack("<4sIBB26x", signature, 36 + len(body), 1, 0) + body


def acpi():
    """At the places that tests/fuzz/acpi.c expects; it makes the checksums."""
    tables = {
        0: struct.pack("<8sB6sBIIQI", b"RSD PTR ", 0, b"", 2, 0, 36, BASE + 0x40, 0),
        0x40: acpi_table(b"XSDT", struct.pack("<QQ", BASE + 0x100, BASE + 0x200)),
        0x100: acpi_table(b"APIC", struct.pack("<II", 0xfee00000, 1)
                          + struct.pack("<BBBBI", 0, 8, 0, 3, 1)
                          + struct.pack("<BBBBII", 1, 12, 0, 0, 0xfec00000, 0)
                          + struct.pack("<BBBBIH", 2, 10, 0, 0, 2, 0)
                          + struct.pack("<BBHIII", 9, 16, 0, 4, 1, 0)
                          + struct.pack("<BBHQ", 5, 12, 0, 0xfee00000)),
        0x200: acpi_table(b"FACP", struct.pack("<II", 0, BASE + 0x400) + bytes(200)),
        0x400: acpi_table(b"DSDT", bytes(4) + b"\x08_S5_\x12\x06\x04\x0a\x05\x0a\x05\0\0"),
    }
    memory = bytearray(0x480)
    for at, data in tables.items():
        memory[at:at + len(data)] = data
    return bytes(memory)


SEEDS = {
    "acpi": [acpi()],
    "multiboot2": [multiboot2()],
    "pvh": [pvh()],
    "cpio": [cpio()],
    "elf": [elf(64), elf(32)],
    "cmdline": [b"nofsgsbase quiet console=raw log=com2 maxcpus=2 init=/x ktest=all -- a b"],
}


def write(target, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[target]):
        (folder / f"seed{number}").write_bytes(seed)
