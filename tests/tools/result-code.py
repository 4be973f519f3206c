#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a result code says: result-code.py XXXXX-XXXXX-XXXXX-XXXXX

The last lines of a test run have it ("# result code:", user/init/result_code.c).  Upper and lower
case are the same, and so are O and 0, I, L and 1.  Status 2: the code has been mistyped.
"""
import sys
from pathlib import Path

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans("OILoil", "011011", "- ")
FIELDS = (("version", 4), ("passed", 10), ("failed", 10), ("skipped", 10), ("first_failed", 10),
          ("cpus", 7), ("fsgsbase", 1), ("vendor", 2), ("digest", 31), ("crc", 15))
VENDORS = {0: "another vendor", 1: "Intel", 2: "AMD"}


def crc(bits):
    value = 0
    for bit in bits:
        out = (value >> 14 ^ bit) & 1
        value = value << 1 & 0x7fff
        if out:
            value ^= 0x4599
    return value


def digest(verdicts):
    """Of (name, verdict digit) pairs, as init computes it."""
    value = 0x811c9dc5
    for name, verdict in verdicts:
        for byte in f"{name}{verdict}\n".encode():
            value = (value ^ byte) * 0x01000193 & 0xffffffff
    return value & 0x7fffffff


def decode(text):
    """Its fields, or None if it cannot be one."""
    text = text.translate(ALIKE).upper()
    if len(text) != 20 or any(c not in ALPHABET for c in text):
        return None
    bits = [ALPHABET.index(c) >> shift & 1 for c in text for shift in (4, 3, 2, 1, 0)]
    fields, at = {}, 0
    for name, width in FIELDS:
        fields[name] = int("".join(map(str, bits[at:at + width])), 2)
        at += width
    good = fields["crc"] == crc(bits[:-15]) and fields["version"] == 1
    return fields if good else None


def test_names(root):
    """In the order of init's report: 64 bit first."""
    build = Path(root) / "build" / "user" / "test"
    return [f"{bits}/{path.name}" for bits in ("64", "32")
            for path in sorted((build / bits).glob("*"))]


def describe(fields):
    total = fields["passed"] + fields["failed"] + fields["skipped"]
    lines = [f"{total} tests: {fields['passed']} passed, {fields['failed']} failed, "
             f"{fields['skipped']} skipped",
             f"{fields['cpus']} CPUs of {VENDORS.get(fields['vendor'], 'another vendor')}, "
             f"fsgsbase {'on' if fields['fsgsbase'] else 'off'}"]
    names = test_names(Path(__file__).resolve().parents[2])
    if fields["first_failed"]:
        number = fields["first_failed"]
        name = f": {names[number - 1]}" if len(names) == total else ""
        lines.append(f"the first that failed is number {number}{name}")
    elif len(names) == total and not fields["skipped"]:
        same = fields["digest"] == digest([(name, 0) for name in names])
        lines.append("the tests are those of this tree" if same else
                     "the tests are not those of this tree")
    return lines


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if len(sys.argv) == 2 else 1)
    fields = decode(sys.argv[1])
    if fields is None:
        print("result-code.py: this is no result code: a character is wrong or missing")
        sys.exit(2)
    print("\n".join(describe(fields)))


if __name__ == "__main__":
    main()
