# SPDX-License-Identifier: MIT
"""Symbols of the program that the selected CPU runs, and of its vDSO, switched as it changes."""

import os
import shlex

import gdb

from machine import MASK, Command, Trouble, build_folder, execute_at_stop, percpu, string, thread


def path_of(dentry):
    """A name in the guest's tree: up to the root, which is its own parent."""
    names = []
    while int(dentry["parent"]) != int(dentry):
        names.append(string(dentry["name"]))
        dentry = dentry["parent"]
    return "/" + "/".join(reversed(names))


def address_space():
    running = thread()
    if running is None or not int(running["mm"]):
        return None
    return running["mm"].dereference()


def guest_path(mm):
    exe = mm["exe"]
    if not int(exe) or not int(exe["dentry"]):
        return None
    return path_of(exe["dentry"])


def running():
    """Guest path of the program that the selected CPU runs; None if it runs none."""
    mm = address_space()
    return mm and guest_path(mm)


def host_file(path):
    """The file with the symbols of a program of the initramfs; else the host's own of that name."""
    for candidate in (os.path.join(build_folder(), "user", "debug") + path, path):
        if os.path.isfile(candidate):
            return candidate
    return None


class Symbols:
    """The symbol files that are loaded beside the kernel's: program and vDSO."""

    def __init__(self):
        self.loaded = {}        # what -> (file, address)
        self.chosen = {}        # guest path -> file, by the user

    def want(self):
        mm = address_space()
        if mm is None:
            return {}
        wanted = {}
        path = running()
        file = path and (self.chosen.get(path) or host_file(path))
        if file:
            wanted["program"] = (file, 0)
        if int(mm["vdso"]):
            compat = int(mm["landing_pad"]) != 0
            image = f"entry/vdso/vdso{32 if compat else 64}.full.so"
            wanted["vdso"] = (os.path.join(build_folder(), image), int(mm["vdso"]) & MASK)
        return wanted

    def update(self):
        """Loads and drops what the selected CPU's program asks for."""
        wanted = self.want()
        for what in [what for what in self.loaded if wanted.get(what) != self.loaded[what]]:
            self.drop(what)
        for what, (file, address) in wanted.items():
            if what not in self.loaded:
                execute_at_stop(f"add-symbol-file {shlex.quote(file)} -o {address:#x}")
                self.loaded[what] = (file, address)

    def drop(self, what):
        file, _ = self.loaded.pop(what)
        for objfile in gdb.objfiles():
            if objfile.is_valid() and os.path.samefile(objfile.filename, file):
                execute_at_stop(f"remove-symbol-file {shlex.quote(file)}")
                return


symbols = Symbols()


def follow(event):
    """At each stop.  What cannot be read yet (a machine that has just been started) is left."""
    try:
        symbols.update()
    except (gdb.error, gdb.MemoryError):
        pass


class Program(Command):
    """The program that this CPU runs, and where its symbols come from: paranoid program [FILE]

    With FILE: take the symbols of this program from there."""

    name = "program"

    def run(self, arguments):
        path = running()
        if not path:
            raise Trouble("this CPU runs no program")
        if arguments:
            if not os.path.isfile(arguments[0]):
                raise Trouble(f"no such file: {arguments[0]}")
            symbols.chosen[path] = os.path.abspath(arguments[0])
        symbols.update()
        print(f"{path}, pid {int(thread()['process']['pid'])}")
        for what, (file, address) in symbols.loaded.items():
            print(f"{what:8} {file}" + (f" at {address:#x}" if address else ""))


Program()
gdb.events.stop.connect(follow)
