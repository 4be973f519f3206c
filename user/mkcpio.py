#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a newc cpio archive: an initramfs, or more files to append to one.

The same arguments and contents give the same archive, byte for byte; it needs neither
root nor cpio(1).  Owners are 0, times are 0, modes 755 for what the host can execute
and 644 for the rest.  Parent directories come by themselves.
"""

import argparse
import os
import stat
import sys


class Archive:
    def __init__(self):
        self.out = bytearray()
        self.names = set()
        self.inode = 0

    def record(self, name, mode, data=b""):
        self.inode += 1
        encoded = name.encode() + b"\0"
        nlink = 2 if stat.S_ISDIR(mode) else 1
        # newc: ino mode uid gid nlink mtime filesize, device and rdev (4 words), namesize, check.
        words = (self.inode, mode, 0, 0, nlink, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        self.out += b"070701" + b"".join(b"%08X" % w for w in words)
        for part in (encoded, data):
            self.out += part
            self.out += bytes(-len(self.out) % 4)

    def add(self, guest, mode, data=b""):
        name = guest.strip("/")
        if not name or name in self.names:
            return
        parent = os.path.dirname(name)
        if parent:
            self.add(parent, stat.S_IFDIR | (0o1777 if parent == "tmp" else 0o755))
        self.names.add(name)
        self.record(name, mode, data)

    def add_host(self, host, guest):
        if os.path.isdir(host):
            self.add(guest, stat.S_IFDIR | 0o755)
            for entry in sorted(os.listdir(host)):
                path = os.path.join(host, entry)
                if os.path.islink(path):
                    self.add(f"{guest}/{entry}", stat.S_IFLNK | 0o777, os.readlink(path).encode())
                else:
                    self.add_host(path, f"{guest}/{entry}")
        elif os.path.isfile(host):
            with open(host, "rb") as file:
                mode = 0o755 if os.access(host, os.X_OK) else 0o644
                self.add(guest, stat.S_IFREG | mode, file.read())
        else:
            raise OSError(f"{host}: not a file or folder")

    def finish(self):
        self.record("TRAILER!!!", 0)
        return bytes(self.out) + bytes(-len(self.out) % 512)


def pair(text, separator):
    left, found, right = text.rpartition(separator)
    if not found or not left or not right:
        raise argparse.ArgumentTypeError(f"not of the form A{separator}B: {text}")
    return left, right


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="the archive to write")
    parser.add_argument("items", nargs="*", metavar="HOST:GUEST", type=lambda t: pair(t, ":"),
                        help="a file or folder of the host and its path in the guest")
    parser.add_argument("--add", action="append", default=[], metavar="HOST:GUEST",
                        type=lambda t: pair(t, ":"), help="the same, as an option")
    parser.add_argument("--dir", action="append", default=[], metavar="GUEST",
                        help="an empty folder")
    parser.add_argument("--link", action="append", default=[], metavar="TARGET:GUEST",
                        type=lambda t: pair(t, ":"), help="a symbolic link")
    parser.add_argument("--file-text", action="append", default=[], metavar="GUEST=TEXT",
                        type=lambda t: t.partition("="), help="a file of one line")
    args = parser.parse_args()
    archive = Archive()
    try:
        for host, guest in args.items + args.add:
            archive.add_host(host, guest)
    except OSError as error:
        sys.exit(f"mkcpio.py: {error}")
    for guest in args.dir:
        archive.add(guest, stat.S_IFDIR | (0o1777 if guest.strip("/") == "tmp" else 0o755))
    for target, guest in args.link:
        archive.add(guest, stat.S_IFLNK | 0o777, target.encode())
    for guest, _, text in args.file_text:
        archive.add(guest, stat.S_IFREG | 0o644, text.encode() + b"\n")
    with open(args.out, "wb") as file:
        file.write(archive.finish())


if __name__ == "__main__":
    main()
