# SPDX-License-Identifier: MIT
"""Puts the two vDSO images into the kernel.

vdso2asm.py IMAGE32 STRIPPED32 STRIPPED64 > NASM source

Beside the bytes stand the places that the kernel writes at boot, and the addresses that it must
know (struct vdso_image, kernel/process/vdso_image.h).  Addresses are file offsets too: both images
have one segment, which begins at the file's first byte.  That, and that nothing needs relocation,
is checked here, so that a mistake ends the build.
"""

import struct
import sys

FLAVOURS = ("vsyscall_sysenter", "vsyscall_syscall", "vsyscall_int80")
SHT_SYMTAB, SHT_REL, SHT_RELA, SHT_DYNSYM = 2, 9, 4, 11


class Elf:
    """Just enough of an ELF file of either class."""

    def __init__(self, path):
        self.path, self.data = path, open(path, "rb").read()
        self.wide = self.data[4] == 2
        where = (0x20, 0x28, 0x36) if self.wide else (0x1c, 0x20, 0x2a)
        self.phoff, self.shoff = (self.word(at) for at in where[:2])
        _, self.phnum, self.shentsize, self.shnum = struct.unpack_from("<4H", self.data, where[2])

    def word(self, at):
        return struct.unpack_from("<Q" if self.wide else "<I", self.data, at)[0]

    def sections(self):
        """(type, offset, size, link) of each."""
        for at in range(self.shoff, self.shoff + self.shnum * self.shentsize, self.shentsize):
            kind = struct.unpack_from("<I", self.data, at + 4)[0]
            offset = self.word(at + (24 if self.wide else 16))
            size = self.word(at + (32 if self.wide else 20))
            link = struct.unpack_from("<I", self.data, at + (40 if self.wide else 24))[0]
            yield kind, offset, size, link

    def symbols(self, wanted):
        """name -> (file offset of its entry, value), 32-bit images only."""
        sections, found = list(self.sections()), {}
        for kind, offset, size, link in sections:
            if kind != wanted:
                continue
            for at in range(offset, offset + size, 16):
                name, value = struct.unpack_from("<II", self.data, at)
                start = sections[link][1] + name
                found[self.data[start:self.data.index(b"\0", start)].decode()] = (at, value)
        return found

    def check(self):
        loads = []
        for i in range(self.phnum):
            at = self.phoff + i * (56 if self.wide else 32)
            if struct.unpack_from("<I", self.data, at)[0] == 1:
                loads.append((self.word(at + (8 if self.wide else 4)),
                              self.word(at + (16 if self.wide else 8))))
        if loads != [(0, 0)]:
            sys.exit(f"{self.path}: one segment at offset 0, address 0 expected, got {loads}")
        if any(kind in (SHT_REL, SHT_RELA) for kind, *_ in self.sections()):
            sys.exit(f"{self.path}: has relocations")


def image(name, path, fields):
    """The bytes, and the structure that describes them."""
    print(f"align 8\n{name}_bytes:\n\tincbin \"{path}\"\n.end:")
    print(f"align 8\nglobal {name}\n{name}:\n"
          f"\tdq {name}_bytes\n\tdd {name}_bytes.end - {name}_bytes")
    for field, value in fields:
        print(f"\tdd {value:#x}\t; {field}")


def main(full32, stripped32, stripped64):
    full, small, wide = Elf(full32), Elf(stripped32), Elf(stripped64)
    for elf in (small, wide):
        elf.check()
    symbols, dynamic = full.symbols(SHT_SYMTAB), small.symbols(SHT_DYNSYM)
    fields = [("entry_field", 0x18), ("value_field", dynamic["__kernel_vsyscall"][0] + 4),
              ("size_field", dynamic["__kernel_vsyscall"][0] + 8)]
    for name in FLAVOURS:
        start, pad, end = (symbols[name + suffix][1] for suffix in ("", ".pad", ".end"))
        fields += [(name, start), ("landing pad", pad), ("size", end - start)]
    fields += [(name, dynamic[name][1]) for name in ("__kernel_sigreturn", "__kernel_rt_sigreturn")]
    print("; Made by entry/vdso/vdso2asm.py.\nsection .rodata")
    image("vdso_image_32", stripped32, fields)
    image("vdso_image_64", stripped64, [(name, 0) for name, _ in fields])


if __name__ == "__main__":
    main(*sys.argv[1:])
