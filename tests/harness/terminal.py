# SPDX-License-Identifier: MIT
"""A person at the console: run-qemu.sh on a pseudo-terminal of the host, typed to and read from.

What is waited for must come while the guest makes progress (harness.machine.Watchdog); nothing here
waits for a time to pass."""

import os
import pty
import re
import subprocess
import threading

from .machine import HANG, LOGS, ROOT, Result, Watchdog, read_text

CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x04", "\x1a", "\x1c"


class Terminal:
    """with Terminal(machine) as t: t.type(...), t.expect(...); t.result() after the machine's
    end."""

    def __init__(self, machine, busy=30, quiet=40, total=300):
        self.name, self.text, self.seen = machine.name, "", 0
        self.limits = busy, quiet, total
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log, self.output = LOGS / f"{self.name}.kernel", LOGS / f"{self.name}.out"
        self.command = [str(ROOT / "run-qemu.sh"), *machine.arguments, "--shell", "--timeout", "0",
                        "--log", str(self.log)]
        self.more, self.ended = threading.Condition(), False

    def __enter__(self):
        self.log.unlink(missing_ok=True)
        self.output.write_bytes(b"")
        self.fd, slave = pty.openpty()
        # The controlling terminal too, as for a person: a Ctrl-C that the host took would kill.
        self.process = subprocess.Popen(["setsid", "--ctty", *self.command], stdin=slave,
                                        stdout=slave, stderr=slave, cwd=ROOT)
        os.close(slave)
        self.watchdog = Watchdog(self.process, [self.log, self.output], *self.limits)
        self.watchdog.start()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.watchdog.kill()
        self.process.wait()
        self.watchdog.join()
        self.reader.join(timeout=10)
        os.close(self.fd)

    def read(self):
        with open(self.output, "ab", buffering=0) as out:
            while True:
                try:
                    data = os.read(self.fd, 4096)
                except OSError:     # EIO: nobody has the other end any more
                    data = b""
                out.write(data)
                with self.more:
                    self.text += data.decode(errors="replace")
                    self.ended = self.ended or not data
                    self.more.notify_all()
                if not data:
                    return

    def type(self, text):
        os.write(self.fd, text.encode())

    def line(self, text):
        self.type(text + "\r")

    def expect(self, pattern):
        """The next match of a regular expression behind the last one."""
        with self.more:
            while True:
                match = re.compile(pattern, re.M).search(self.text, self.seen)
                if match:
                    self.seen = match.end()
                    return match
                assert not self.ended, (f"expected {pattern!r}, got {self.text[self.seen:]!r}\n"
                                        + self.explain())
                self.more.wait(timeout=1)

    def explain(self):
        reason = f"{self.watchdog.fired}\n" if self.watchdog.fired else ""
        ends = f"{self.text[-2000:]}\n{read_text(self.log)[-2000:]}"
        return f"{reason}$ {' '.join(self.command)}\n{ends}"

    def result(self):
        """After the machine ended by itself."""
        status = self.process.wait()
        self.reader.join(timeout=10)
        if self.watchdog.fired:
            status = HANG
        return Result(self.name, status, self.text, read_text(self.log), "", self.command)
