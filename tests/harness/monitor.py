# SPDX-License-Identifier: MIT
"""QEMU's monitor (QMP) beside a running machine: stop it, look, inject NMI and #MC, go on."""

import json
import re
import socket
import tempfile
import threading
import time
from pathlib import Path

from .machine import LOGS, Machine, read_text


class Monitor:
    def __init__(self, path, alive):
        self.socket = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                assert alive(), "the machine has gone before its monitor came"
                time.sleep(0.05)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.lines.readline()                       # the greeting
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        """The result; events that come in between are of no interest."""
        self.socket.sendall(json.dumps({"execute": name, "arguments": arguments}).encode())
        for line in self.lines:
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            assert "error" not in answer, answer
        raise EOFError("the machine has gone")

    def human(self, line):
        return self.command("human-monitor-command", **{"command-line": line})

    def last(self, name):
        """A command that the machine may not survive."""
        try:
            self.command(name)
        except (EOFError, OSError):
            pass

    def cpus(self):
        """Of a stopped machine: the state of each CPU, as text."""
        return re.split(r"^\s*CPU#\d+\s*$", self.human("info registers -a"), flags=re.M)[1:]

    def stop_when(self, cpu, wanted):
        """Stops the machine where wanted(state of that CPU) holds; where that is, is chance."""
        for _ in range(2000):
            self.command("stop")
            if wanted(self.cpus()[cpu]):
                return
            self.command("cont")
            time.sleep(0.003)
        raise AssertionError(f"CPU {cpu} is never in the wanted state")


class Watched:
    """A machine that runs a job while the test talks to its monitor."""

    def __init__(self, name, job, qemu=(), **parameters):
        self.path = Path(tempfile.mkdtemp()) / "qmp"
        self.machine = Machine(name, **parameters,
                               qemu=["-qmp", f"unix:{self.path},server=on,wait=off", *qemu])
        self.output = LOGS / f"{self.machine.name}.out"
        self.output.unlink(missing_ok=True)
        self.result = None
        self.thread = threading.Thread(target=self._run, args=job)
        self.thread.start()
        self.monitor = Monitor(self.path, self.thread.is_alive)

    def _run(self, *job):
        self.result = self.machine.run(*job)

    def wait_for(self, text):
        """Until the guest has printed it; the watchdog ends a guest that never does."""
        while text not in read_text(self.output):
            assert self.thread.is_alive(), f"it ended before \"{text}\": {self.result.explain()}"
            time.sleep(0.02)

    def end(self):
        self.thread.join()
        return self.result
