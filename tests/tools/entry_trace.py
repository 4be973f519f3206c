#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pictures of the entry trace (kernel/debug/entry_trace.h).

    entry_trace.py [--json FILE] [--svg FILE] [--last MICROSECONDS] TEXT

TEXT is what /proc/entry_trace showed, or a log with a panic in it, "-" for standard input; lines
that are no trace are passed over.  --json writes a Chrome trace, which https://ui.perfetto.dev
opens: one track for each thread with its entries, one for each CPU with the threads that ran on it.
--svg writes a timeline, one lane for each CPU.  Without either it prints what was found.  The
status is 1 if an exit does not end the innermost entry of its thread.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

UNISTD = [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
          Path("/usr/include/asm/unistd_64.h")]
COLOURS = {"SYSCALL": "#4c78a8", "INT80": "#72b7b2", "IRQ": "#f2cf5b", "NMI": "#e45756",
           "#DB": "#b279a2",
           "#MC": "#9d755d", "#DF": "#000000", "#": "#f58518", "": "#bab0ac"}


@dataclass
class Event:
    cpu: int
    n: int
    tsc: int
    thread: int
    depth: int
    kind: str               # enter, exit, switch
    words: dict             # the rest of the line
    us: float = 0.0


@dataclass
class Slice:
    """An entry, from the event that opens it to the one that ends it; either may have been before
    or after the trace."""
    enter: Event = None
    exit: Event = None
    begin: float = 0.0
    end: float = 0.0
    thread: int = 0
    depth: int = 0

    def name(self):
        if not self.enter:
            return "entered before"
        door = self.enter.words["enter"]
        if door == "SYSCALL":
            number = int(self.enter.words["arg"], 16)
            return f"SYSCALL {syscall_names().get(number, number)}"
        if door in ("INT80", "SYSCALL32"):
            return f"{door} {int(self.enter.words['arg'], 16)}"
        return door

    def details(self):
        words = dict(self.enter.words) if self.enter else {}
        words.update({"to": self.exit.words["to"], "way out": self.exit.words["exit"],
                      "goes on": self.exit.words["rip"]} if self.exit
                     else {"way out": "none in the trace"})
        return {**words, "depth": self.depth, "thread": self.thread}


@dataclass
class Trace:
    hz: int = 1_000_000_000
    events: list = field(default_factory=list)      # in time
    slices: list = field(default_factory=list)
    runs: list = field(default_factory=list)        # CPU, thread, from, to
    problems: list = field(default_factory=list)


def syscall_names(cache={}):
    if not cache:
        text = next((path.read_text() for path in UNISTD if path.exists()), "")
        cache.update({int(number): name for name, number in re.findall(r"#define __NR_(\w+) (\d+)",
                                                                       text)})
    return cache


def read_events(text, trace):
    seen = {}
    for line in re.findall(r"\btrace: (.*)", text):
        words = dict(word.partition("=")[::2] for word in line.split())
        if "tsc_hz" in words:
            trace.hz = int(words["tsc_hz"]) or trace.hz
            continue
        try:
            numbers = [int(words.pop(name)) for name in ("cpu", "n", "tsc", "thread", "depth")]
            kind = next(kind for kind in ("enter", "exit", "switch") if kind in words)
        except (KeyError, ValueError, StopIteration):
            trace.problems.append(f"no event: {line}")
            continue
        seen[numbers[0], numbers[1]] = Event(*numbers, kind, words)
    return [seen[key] for key in sorted(seen)]


def stamp(events, hz):
    """Microseconds.  In a CPU's ring an event may be stamped before the one that came in between:
    not earlier than that."""
    start, last = min((event.tsc for event in events), default=0), {}
    for event in events:
        event.us = max((event.tsc - start) * 1e6 / hz, last.get(event.cpu, 0.0))
        last[event.cpu] = event.us
    return sorted(events, key=lambda event: (event.us, event.cpu, event.n))


def close(trace, stack, event, first):
    """The slice that an exit ends; a thread's first exit may belong
    to an entry before the trace."""
    if stack and stack[-1].enter and stack[-1].depth == event.depth:
        piece = stack.pop()
        begun, ended = piece.enter.words, event.words
        if begun["frame"] != ended["frame"] or begun["from"] != ended["to"]:
            trace.problems.append(f"CPU {event.cpu} event {event.n}: frame or mode is not that of "
                                  f"event {piece.enter.n}")
    elif stack:
        trace.problems.append(f"CPU {event.cpu} event {event.n}: exit at depth {event.depth}, "
                              f"open is depth {stack[-1].depth}")
        return
    else:
        piece = Slice(begin=first, thread=event.thread, depth=event.depth)
        trace.slices.append(piece)
    piece.exit, piece.end = event, event.us


def match(trace):
    stacks, first, seen = {}, {}, {}
    for event in trace.events:
        stack = stacks.setdefault(event.thread, [])
        first.setdefault(event.thread, event.us)
        if event.kind == "enter":
            if stack and event.depth != stack[-1].depth + 1:
                trace.problems.append(f"CPU {event.cpu} event {event.n}: entry at depth "
                                      f"{event.depth} in an entry at depth {stack[-1].depth}")
            piece = Slice(event, None, event.us, event.us, event.thread, event.depth)
            stack.append(piece)
            trace.slices.append(piece)
        elif event.kind == "exit":
            close(trace, stack, event, first[event.thread])
        seen[event.thread] = event.us
    for thread, stack in stacks.items():
        for piece in stack:                 # until the thread is last heard of
            piece.end = max(seen[thread], last_run(trace, thread))


def last_run(trace, thread):
    return max((end for _, runner, _, end in trace.runs if runner == thread), default=0.0)


def find_runs(trace):
    """Who ran on a CPU, and when: from switch to switch."""
    now, end = {}, trace.events[-1].us if trace.events else 0.0
    for event in trace.events:
        if event.cpu not in now:
            now[event.cpu] = (event.thread, event.us)
        elif event.kind == "switch":
            thread, since = now[event.cpu]
            trace.runs.append((event.cpu, thread, since, event.us))
            now[event.cpu] = (event.thread, event.us)
    trace.runs += [(cpu, thread, since, end) for cpu, (thread, since) in sorted(now.items())]


def parse(text, last=None):
    trace = Trace()
    events = stamp(read_events(text, trace), trace.hz)
    if last is not None and events:
        events = [event for event in events if event.us >= events[-1].us - last]
    trace.events = events
    find_runs(trace)
    match(trace)
    return trace


def chrome(trace):
    """The JSON object of the Trace Event Format: B and E events,
    in the order of their times within each track."""
    out = [{"ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": {"name": name}}
           for pid, name in ((1, "threads"), (2, "CPUs"))]
    marks = []
    for piece in trace.slices:
        cpu = (piece.enter or piece.exit).cpu
        begin = {"ph": "B", "name": piece.name(), "cat": "entry", "pid": 1, "tid": piece.thread,
                 "args": {**piece.details(), "cpu": cpu}}
        # Where times are equal: what ends comes first, the innermost of it,
        # then what begins, the outermost.
        marks.append(((piece.begin, piece.enter.n if piece.enter else -1, piece.depth), begin,
                      piece.begin))
        at = piece.exit.n if piece.exit else float("inf")
        marks.append(((piece.end, at, -piece.depth), {"ph": "E", "name": piece.name(), "pid": 1,
                                                      "tid": piece.thread},
                      piece.end))
    for number, (cpu, thread, begin, end) in enumerate(trace.runs):
        name = f"thread {thread}" if thread >= 64 else "idle"
        for mark, phase, us in ((2 * number, "B", begin), (2 * number + 1, "E", end)):
            marks.append(((us, mark, 0), {"ph": phase, "name": name, "cat": "running", "pid": 2,
                                          "tid": cpu}, us))
    for _, mark, us in sorted(marks, key=lambda item: item[0]):
        out.append({**mark, "ts": round(us, 3)})
    return {"traceEvents": out, "displayTimeUnit": "ns"}


def colour(name):
    return next(value for key, value in COLOURS.items() if name.startswith(key))


def pieces_on_cpus(trace):
    """Slices, cut where their thread does not run: CPU, slice, from, to."""
    for piece in trace.slices:
        for cpu, thread, begin, end in trace.runs:
            left, right = max(begin, piece.begin), min(end, piece.end)
            if thread == piece.thread and (left < right
                                           or piece.begin == piece.end == left == right):
                yield cpu, piece, left, right


def svg(trace, width=1600, row=16):
    cpus = sorted({event.cpu for event in trace.events})
    deepest = max((event.depth for event in trace.events), default=1)
    lane = row * (deepest + 1) + 10
    start = trace.events[0].us if trace.events else 0.0
    scale = (width - 80) / max((trace.events[-1].us if trace.events else 1.0) - start, 1e-3)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{lane * len(cpus) + 30}" '
           'font-family="monospace" font-size="10">', "<title>Entry trace</title>",
           '<rect width="100%" height="100%" fill="#ffffff"/>']

    def box(cpu, depth, begin, end, name, fill, text):
        x, y = 70 + (begin - start) * scale, 24 + lane * cpus.index(cpu) + row * depth
        wide = max((end - begin) * scale, 0.4)
        out.append(f'<rect x="{x:.2f}" y="{y}" width="{wide:.2f}" height="{row - 2}" fill="{fill}">'
                   f"<title>{escape(text)}</title></rect>")
        if wide > 7 * len(name):
            out.append(f'<text x="{x + 2:.2f}" y="{y + row - 5}" data-name={quoteattr(name)}>'
                       f"{escape(name)}</text>")

    for cpu in cpus:
        out.append(f'<text x="4" y="{24 + lane * cpus.index(cpu) + row - 5}">CPU {cpu}</text>')
    for cpu, thread, begin, end in trace.runs:
        name = f"thread {thread}" if thread >= 64 else "idle"
        box(cpu, 0, begin, end, name, "#eeeeee" if name == "idle" else "#d0e0d0", name)
    for cpu, piece, begin, end in pieces_on_cpus(trace):
        words = " ".join(f"{name}={value}" for name, value in piece.details().items())
        box(cpu, piece.depth, begin, end, piece.name(), colour(piece.name()),
            f"{piece.name()}, {piece.end - piece.begin:.3f} us: {words}")
    out.append(f'<text x="70" y="14">{(width - 80) / scale:.1f} us, '
               f"{len(trace.events)} events</text></svg>")
    return "\n".join(out) + "\n"


def summary(trace):
    counts = {}
    for piece in trace.slices:
        counts[piece.name()] = counts.get(piece.name(), 0) + 1
    lines = [f"{len(trace.events)} events, {len(trace.slices)} entries, "
             f"{len(trace.runs)} runs of threads"]
    ranking = sorted(counts.items(), key=lambda item: -item[1])
    return lines + [f"{count:6} {name}" for name, count in ranking]


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path)
    options.add_argument("--svg", type=Path)
    options.add_argument("--last", type=float, metavar="MICROSECONDS",
                         help="only what is that near to the end")
    options.add_argument("text")
    given = options.parse_args()
    text = sys.stdin.read() if given.text == "-" else Path(given.text).read_text(errors="replace")
    trace = parse(text, given.last)
    if not trace.events:
        sys.exit(f"{given.text}: no line of an entry trace")
    if given.json:
        given.json.write_text(json.dumps(chrome(trace), indent=0) + "\n")
    if given.svg:
        given.svg.write_text(svg(trace))
    if not given.json and not given.svg:
        print("\n".join(summary(trace)))
    for problem in trace.problems:
        print(f"{given.text}: {problem}", file=sys.stderr)
    return bool(trace.problems)


if __name__ == "__main__":
    sys.exit(main())
