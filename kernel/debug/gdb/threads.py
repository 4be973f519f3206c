# SPDX-License-Identifier: MIT
"""paranoid threads: every thread with its state and its FS and GS."""

import gdb

from machine import MASK, Command, cpus, number, percpu, percpu_address, string


def walk(head, link):
    """The elements of a BSD LIST (sys/queue.h)."""
    element = head["lh_first"]
    while int(element):
        yield element.dereference()
        element = element.dereference()[link]["le_next"]


def running():
    """Thread address -> CPU that runs it."""
    return {int(percpu(which)["current"]) & MASK: which for which in range(cpus())}


def live(which):
    """FS and GS of the thread that a CPU runs.  In ring 0 its GS base is the inactive one."""
    selected = gdb.selected_thread()
    try:
        for thread in gdb.selected_inferior().threads():
            if thread.num == which + 1:
                thread.switch()
        gs, spare = number("$gs_base"), number("$k_gs_base")
        kernel_live = gs == percpu_address(which)
        return number("$fs"), number("$fs_base"), number("$gs"), spare if kernel_live else gs
    finally:
        selected.switch()


def saved(thread):
    seg = thread["seg"]
    return tuple(int(seg[name]) & MASK for name in ("fs", "fs_base", "gs", "gs_base"))


class Threads(Command):
    """Every thread: state, CPU, and its FS and GS.

    Of a thread that runs the registers are shown (marked *), of any other what was saved when it
    was switched out: selector and base are separate things, and with FSGSBASE neither tells the
    other."""

    name = "threads"

    def run(self, arguments):
        on_cpu = running()
        print("  pid   tid name             state           cpu   FS selector, base           "
              "GS selector, base")
        for process in walk(gdb.parse_and_eval("all_processes"), "all_link"):
            for thread in walk(process["threads"], "sibling"):
                self.show(process, thread, on_cpu)

    @staticmethod
    def show(process, thread, on_cpu):
        which = on_cpu.get(int(thread.address) & MASK)
        fs, fs_base, gs, gs_base = saved(thread) if which is None else live(which)
        state = str(thread["state"]).removeprefix("THREAD_").lower()
        print(f"{int(process['pid']):5} {int(thread['tid']):5} {string(thread['comm']):16} "
              f"{state:15} {int(thread['cpu']):2}{' ' if which is None else '*'}  "
              f"{fs:#06x} {fs_base:#018x}  {gs:#06x} {gs_base:#018x}")


Threads()
