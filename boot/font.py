#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a GRUB font (PFF2, 16 pixels high) into NASM source of console_font on stdout.

Usage: font.py FONT.pf2.  The characters 0-127 become 8x16 glyphs; characters that
the font lacks, or that are wider than 8 pixels, become a box.

PFF2: sections of (4-letter name, big-endian length, contents).  CHIX is an index of
(code point, flags, absolute offset); a glyph is width, height, x and y offset of its bitmap
from the baseline, device width, then its rows without padding.
"""
import struct
import sys

WIDTH, HEIGHT = 8, 16
BOX = [0, 0] + [0x7E] + [0x42] * 10 + [0x7E] + [0, 0]


def sections(data):
    at = 0
    while at + 8 <= len(data):
        name, length = struct.unpack_from(">4sI", data, at)
        if name == b"DATA":
            return
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length


def glyph_rows(data, offset, ascent):
    width, height, x, y, _ = struct.unpack_from(">HHhhh", data, offset)
    top = ascent - y - height
    if x < 0 or x + width > WIDTH or top < 0 or top + height > HEIGHT:
        return BOX
    rows = [0] * HEIGHT
    for bit in range(width * height):
        if data[offset + 10 + bit // 8] & (0x80 >> bit % 8):
            rows[top + bit // width] |= 0x80 >> (x + bit % width)
    return rows


def read_font(data):
    found = dict(sections(data))
    if found.get(b"FILE") != b"PFF2":
        sys.exit("font.py: this is not a PFF2 font")
    ascent = struct.unpack(">H", found[b"ASCE"])[0]
    font = [BOX] * 128
    for code, _, offset in struct.iter_unpack(">IBI", found[b"CHIX"]):
        if code < 128:
            font[code] = glyph_rows(data, offset, ascent)
    return font


def main():
    with open(sys.argv[1], "rb") as file:
        font = read_font(file.read())
    print("global console_font\nsection .rodata\nconsole_font:")
    for code, rows in enumerate(font):
        print("\tdb\t" + ", ".join(f"0x{row:02x}" for row in rows) + f"\t; 0x{code:02x}")


main()
