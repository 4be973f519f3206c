# SPDX-License-Identifier: MIT
"""The linked kernel's entry code as a CPU with chosen features sees it, alternatives applied."""

import re
import struct
import subprocess

import capstone

from .machine import BUILD, ROOT

KERNEL_BASE = 0xFFFFFFFF80000000
FEATURES = {name: int(number) for name, number in
            re.findall(r"#define FEATURE_(\w+)\s+(\d+)",
                       (ROOT / "kernel/cpu/features.h").read_text())}
FSGSBASE, SMAP, FENCE_SWAPGS, NMI_EARLY = (FEATURES[name] for name in
                                           ("FSGSBASE", "SMAP", "FENCE_SWAPGS", "NMI_EARLY"))


def output(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True).stdout


def constant(name):
    """Of those that NASM gets."""
    return int(re.search(rf"%define {name} (\S+)", (BUILD / "offsets.inc").read_text())[1])


class Image:
    """The linked kernel as a CPU with these features sees it."""

    def __init__(self, path, features):
        self.symbols = {}
        for line in output("nm", path).splitlines():
            fields = line.split()
            if len(fields) == 3:
                self.symbols[fields[2]] = int(fields[0], 16)
        self.data = bytearray(path.read_bytes())
        self.segments = []
        offset, size, count = (struct.unpack_from("<Q", self.data, 32)[0],
                               *struct.unpack_from("<HH", self.data, 54))
        for i in range(count):
            kind, _, at, virt, _, length = struct.unpack_from("<IIQQQQ", self.data,
                                                              offset + i * size)
            if kind == 1:
                self.segments.append((virt, at, length))
        self.patch(features)
        self.decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
        self.decoder.detail = True

    def offset(self, virt):
        for start, at, length in self.segments:
            if start <= virt < start + length:
                return virt - start + at
        raise KeyError(hex(virt))

    def patch(self, features):
        at, end = (self.symbols[f"__altinstructions_{border}"] for border in ("start", "end"))
        for record in range(at, end, 12):
            site, replacement, feature, size, used = struct.unpack_from(
                "<iiHBB", self.data, self.offset(record))
            if (feature & 0x7fff in features or feature & 0x7fff == 0) == (not feature & 0x8000):
                to, source = self.offset(record + site), self.offset(record + 4 + replacement)
                self.data[to:to + size] = self.data[source:source + used] + b"\x90" * (size - used)

    def exception_table(self):
        """Where each instruction of the exception table goes on if it faults."""
        at, end = (self.symbols[f"__ex_table_{border}"] for border in ("start", "end"))
        pairs = ((record, struct.unpack_from("<ii", self.data, self.offset(record)))
                 for record in range(at, end, 8))
        return {record + source: record + 4 + landing for record, (source, landing) in pairs}

    def quad(self, virt):
        return struct.unpack_from("<Q", self.data, self.offset(virt))[0]

    def instruction(self, virt):
        at = self.offset(virt)
        return next(self.decoder.disasm(bytes(self.data[at:at + 15]), virt))

    def name(self, virt):
        best = max((address, name) for name, address in self.symbols.items()
                   if KERNEL_BASE < address <= virt and not name.startswith("__"))
        return f"{best[1]}+{virt - best[0]:#x}"
