# SPDX-License-Identifier: MIT
"""Busybox as the interactive shell of "make shell", typed to through the serial console: job
control, the keys that send signals, background jobs, traps."""

import pytest

from harness.machine import Machine
from harness.terminal import CTRL_BACKSLASH, CTRL_C, CTRL_D, CTRL_Z, Terminal

PROMPT = r"^~ # "
# Prints a word when it starts (so it has the terminal), and one whenever it is continued.
LOOP = ("""sh -c 'trap "echo resumed-\\$((3 * 3))" CONT; echo go-$((1 + 1)); """
        """while :; do sleep 0.1; done'""")


class Shell(Terminal):
    def __init__(self, name, **parameters):
        super().__init__(Machine(f"shell-{name}", **{"cpus": 2, **parameters}))

    def __enter__(self):
        super().__enter__()
        self.expect(PROMPT)
        return self

    def do(self, command, *patterns):
        """Types it and waits for what it prints, and the next prompt."""
        self.line(command)
        matches = [self.expect(pattern) for pattern in patterns]
        self.expect(PROMPT)
        return matches[-1] if matches else None

    def key(self, key, *patterns):
        self.type(key)
        for pattern in patterns:
            self.expect(pattern)
        self.expect(PROMPT)

    def status(self):
        return int(self.do("echo status-$?", r"status-(\d+)\s")[1])

    def groups(self, name):
        """Process groups that have a process of that name."""
        listing = self.do("ps -o pgid,args; echo end-$((4 + 4))", r"PGID[\s\S]*end-8")[0]
        lines = [line.split() for line in listing.splitlines()]
        return {words[0] for words in lines if name in words[1:] and "ps" not in words[1:2]}


@pytest.mark.parametrize("cpus", [1, 2, 4])
def test_interrupt_key(cpus):
    with Shell(f"interrupt-{cpus}", cpus=cpus) as t:
        t.line("sh -c 'echo go-$((1 + 1)); exec sleep 1000'")
        t.expect("go-2")
        t.key(CTRL_C)
        assert t.status() == 130
        t.key(CTRL_C)
        t.type("echo not-$((2 + 2))")
        t.key(CTRL_C)
        assert t.do("echo same-$$", r"same-(\d+)\s")[1] == "2"
        t.line("exit 7")
        assert t.result().status == 7, t.explain()
        assert "not-4" not in t.text


def test_interrupt_key_ends_every_member_of_a_pipeline():
    with Shell("pipeline") as t:
        # The last one tells: by then the shell has put every member into the group.
        t.line("yes | cat | (echo go-$((1 + 1)); exec cat > /dev/null)")
        t.expect("go-2")
        t.key(CTRL_C)
        assert t.status() == 130
        assert not t.groups("yes") | t.groups("cat")


def test_quit_key():
    with Shell("quit") as t:
        # Not sh -c: that ignores SIGQUIT until its exec.
        t.line("(echo go-$((1 + 1)); exec sleep 1000)")
        t.expect("go-2")
        t.key(CTRL_BACKSLASH, "Quit")
        assert t.status() == 131


@pytest.mark.parametrize("append", ["", "nofsgsbase"])
def test_suspend_background_foreground(append):
    with Shell(f"jobs-{append}", append=append) as t:
        t.line(LOOP)
        t.expect("go-2")
        t.key(CTRL_Z, r"\[1\]\+ +Stopped")
        assert t.status() == 128 + 20
        t.do("jobs", r"\[1\]\+ +Stopped")
        t.line("bg")
        t.expect("resumed-9")
        t.line("")
        t.expect(PROMPT)
        t.do("jobs", r"\[1\]\+ +Running")
        t.do("kill -STOP %1; sleep 1; jobs", r"\[1\]\+ +Stopped")
        t.line("fg")
        t.expect("resumed-9")
        t.key(CTRL_Z, r"\[1\]\+ +Stopped")
        t.line("fg %1")
        t.expect("resumed-9")
        t.key(CTRL_C)
        assert t.status() == 130
        t.do("jobs; echo none-$((1 + 2))", r"none-3")
        assert not t.groups("sleep")


def test_two_jobs():
    with Shell("two") as t:
        for number in (1, 2):
            t.line(LOOP)
            t.expect("go-2")
            t.key(CTRL_Z, rf"\[{number}\]\+ +Stopped")
        assert len(t.groups("sh")) >= 2
        t.line("fg %1")
        t.expect("resumed-9")
        t.key(CTRL_C)
        t.do("jobs", r"\[2\]\+ +Stopped")
        t.do("kill -KILL %2; sleep 1", r"\[2\]\+ +Killed")


def test_background_jobs_and_wait():
    with Shell("wait") as t:
        t.do("sleep 1 & wait; echo waited-$((1 + 1))", "waited-2")
        t.do("(sleep 0.2; exit 5) & wait $!; echo status-$?", "status-5")
        t.do("sleep 0.2 &")
        t.do("sleep 1.5", "Done +sleep 0.2")
        t.line("sleep 1000 & echo go-$((1 + 1)); wait")
        t.expect("go-2")
        t.key(CTRL_C)
        t.do("jobs", r"Running +sleep 1000")
        t.do("kill %1; wait %1; echo status-$?", "status-143")


def test_the_terminal_stops_background_jobs():
    with Shell("stops") as t:
        t.do("cat &")
        t.do("sleep 1; jobs", r"\[1\]\+ +Stopped \(tty input\)")
        t.line("fg")
        t.expect("cat")
        t.line("some text")
        t.expect("some text\\s+some text")
        t.key(CTRL_D)
        assert t.status() == 0
        t.do("stty tostop; (echo out-$((2 + 3))) &")
        t.do("sleep 1; jobs", r"Stopped \(tty output\)")
        t.line("fg")
        t.expect("out-5")
        t.expect(PROMPT)


def test_line_editing_of_the_terminal():
    with Shell("editing") as t:
        t.line("(echo go-$((1 + 1)); exec cat)")
        t.expect("go-2")
        t.line("wrong\x15two words\x17lines\x7f")
        t.expect(r"^two line\s*$")
        t.type("no newline" + CTRL_D)
        t.expect("no newlineno newline")
        t.line("")
        t.key(CTRL_D)
        assert t.status() == 0


def test_a_long_paste():
    """More than one serial interrupt takes: the rest must come, in full."""
    lines = [f"line-{n:02} {'x' * 40}\r" for n in range(60)]
    with Shell("paste") as t:
        t.line("(echo go-$((1 + 1)); exec wc)")
        t.expect("go-2")
        t.type("".join(lines) + CTRL_D)
        t.expect(rf"^ +60 +120 +{len(''.join(lines))}\s")
        t.expect(PROMPT)


def test_traps():
    with Shell("traps") as t:
        t.line("""sh -c 'trap "echo int-\\$((5 * 5)); exit 4" INT; echo go-$((1 + 1)); """
               """while :; do sleep 0.1; done'""")
        t.expect("go-2")
        t.key(CTRL_C, "int-25")
        assert t.status() == 4
        t.do("trap 'echo usr-$((6 * 6))' USR1; kill -USR1 $$", "usr-36")
        t.do("(sleep 1; kill -USR1 $$) & wait; echo status-$?", "usr-36", "status-138")
        t.line("trap 'echo bye-$((7 * 7))' EXIT; exit 3")
        t.expect("bye-49")
        assert t.result().status == 3, t.explain()


def test_exit_with_stopped_jobs():
    with Shell("exit") as t:
        t.line("sh -c 'echo go-$((1 + 1)); exec sleep 1000'")
        t.expect("go-2")
        t.key(CTRL_Z, "Stopped")
        t.do("exit 9", "You have stopped jobs")
        t.line("exit 9")
        assert t.result().status == 9, t.explain()
