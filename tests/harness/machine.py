# SPDX-License-Identifier: MIT
"""Virtual machines.  run-qemu.sh alone knows QEMU's arguments; this adds time limits that
count the guest's progress, logs that are always kept, and the name of what was running."""

import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import ktap

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
LOGS = BUILD / "test" / "logs"
ACCEL = os.environ.get("ACCEL", "tcg")      # for the tests that make sense under KVM

PANIC, HANG, RESET, REFUSED, TROUBLE = 250, 251, 252, 253, 254
ENDS = {PANIC: "kernel panic", HANG: "hang", RESET: "reset or triple fault",
        REFUSED: "boot refused", TROUBLE: "QEMU trouble"}


def session_cpu_seconds(session):
    """Processor time that the processes of a session have used so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    name: str
    status: int
    output: str         # COM1: what programs wrote; the kernel too, unless it was a job
    log: str            # kernel messages
    errors: str         # run-qemu.sh and QEMU
    command: list = field(default_factory=list)

    def ended(self):
        return ENDS.get(self.status, "power off")

    def report(self, prefix=""):
        """The KTAP report; a machine that died makes a crash of the test that was running."""
        report = ktap.parse(self.output, prefix)
        if report.running:
            last = report.open_cases[-1].name if report.open_cases else "none"
            report.tests.append(ktap.Test(
                report.running, ktap.CRASH, f"{self.ended()}; last case that ended: {last}",
                report.log, report.open_cases))
        return report

    def explain(self, lines=40):
        """For the message of a failed assertion."""
        tail = "\n".join((self.output + self.log).splitlines()[-lines:])
        running = self.report().running
        during = f" while {running} was running" if running else ""
        return (f"{self.name}: {self.ended()}, status {self.status}{during}\n{self.errors}"
                f"$ {' '.join(self.command)[:1000]}\n{tail}\nlogs: {LOGS}/{self.name}.*")


class Watchdog(threading.Thread):
    """Ends a machine that makes no progress.

    Progress is output.  A guest that prints nothing is stuck once it has used busy seconds of
    processor time since the last output, or sits idle (or starves) for quiet seconds of real
    time: a loaded host slows a guest down and must not fail it.  One that has said enough, a
    regular expression, is ended too.
    """

    def __init__(self, process, files, busy, quiet, total, enough=None):
        super().__init__(daemon=True)
        self.process, self.files = process, files
        self.busy, self.quiet, self.total, self.enough = busy, quiet, total, enough
        self.fired = None

    def size(self):
        return sum(file.stat().st_size for file in self.files if file.exists())

    def run(self):
        start = since = time.monotonic()
        cpu_since, seen = 0.0, -1
        while self.process.poll() is None:
            time.sleep(0.25)
            now, cpu, size = time.monotonic(), session_cpu_seconds(self.process.pid), self.size()
            if size != seen:
                since, cpu_since, seen = now, cpu, size
                if self.enough and any(re.search(self.enough, read_text(file))
                                       for file in self.files):
                    self.fired = f"said enough: {self.enough}"
            if cpu - cpu_since > self.busy:
                self.fired = f"busy without output for {self.busy} s of processor time"
            elif now - since > self.quiet:
                self.fired = f"no output for {self.quiet} s"
            elif now - start > self.total:
                self.fired = f"not finished after {self.total} s"
            if self.fired:
                self.kill()
                return

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Machine:
    """A machine to boot: parameters are those of run-qemu.sh."""

    def __init__(self, name, *, cpus=1, mem=256, cpu=None, boot="direct", media="cd", append="",
                 icount=False, kernel=None, initrd=None, qemu=(), accel="tcg", more=()):
        self.name = re.sub(r"[^A-Za-z0-9.+=-]+", "_", name)
        self.arguments = ["--accel", accel, "--cpus", str(cpus), "--mem", str(mem),
                          "--boot", boot]
        if boot != "direct":
            self.arguments += ["--media", media]
        for option, value in (("--cpu", cpu), ("--kernel", kernel), ("--initrd", initrd)):
            if value:
                self.arguments += [option, str(value)]
        if append:
            self.arguments += ["--append", append]
        if icount:
            self.arguments.append("--icount")
        for argument in qemu:
            self.arguments += ["--qemu", str(argument)]
        self.arguments += more

    def shell(self, stdin):
        """The interactive shell, typed to from stdin."""
        self.arguments.append("--shell")
        return self.run(stdin=stdin)

    def run(self, *job, add=(), stdin=b"", busy=60, quiet=120, total=600, enough=None):
        """Boots; with a job, runs that program.  The machine is gone when this returns."""
        LOGS.mkdir(parents=True, exist_ok=True)
        log, output, errors = (LOGS / f"{self.name}.{end}" for end in ("kernel", "out", "err"))
        command = [str(ROOT / "run-qemu.sh"), *self.arguments, "--timeout", "0", "--log", str(log)]
        for item in add:
            command += ["--add", str(item)]
        if job:
            command += ["--", *map(str, job)]
        log.unlink(missing_ok=True)
        with open(output, "wb") as out, open(errors, "wb") as err:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err,
                                       cwd=ROOT, start_new_session=True)
            watchdog = Watchdog(process, [log, output], busy, quiet, total, enough)
            watchdog.start()
            try:
                process.stdin.write(stdin)
                process.stdin.close()
            except BrokenPipeError:
                pass
            status = process.wait()
            watchdog.join()
        text = errors.read_text(errors="replace")
        if watchdog.fired:
            status, text = HANG, text + watchdog.fired + "\n"
            errors.write_text(text)
        return Result(self.name, status, read_text(output), read_text(log), text, command)


def read_text(path):
    return path.read_bytes().decode(errors="replace") if path.exists() else ""
