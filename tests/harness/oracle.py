# SPDX-License-Identifier: MIT
"""Linux as the oracle: the same user test binaries, run by this host's kernel."""

import functools
import os
import signal
import subprocess

from . import ktap
from .machine import BUILD, ROOT

TESTS = BUILD / "user" / "test"
LIMIT = 120
STATUS_SKIP = 4     # user/lib/test.h


def programs():
    """All user tests as init names them: "64/name" first, then "32/name".  Their sources exist:
    what an older tree has left in the folder is none."""
    return [f"{bits}/{path.name}" for bits in (64, 32)
            for path in sorted((TESTS / str(bits)).glob("*"))
            if (ROOT / "user" / "test" / f"{path.name}.c").exists()]


def plain_signals():
    """A shell's background jobs have SIGINT ignored, and exec keeps that: init's children have
    not."""
    for signo in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(signo, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@functools.lru_cache(maxsize=None)
def run(name):
    """One program on Linux, as a ktap.Test."""
    process = subprocess.Popen([TESTS / name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True,
                               preexec_fn=plain_signals, env={"PATH": "/bin:/sbin"}, cwd="/")
    try:
        output = process.communicate(timeout=LIMIT)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return ktap.Test(name, ktap.CRASH, f"no end after {LIMIT} s on Linux")
    report = ktap.parse(output)
    test = ktap.Test(name, ktap.PASS, log=output.splitlines(), cases=report.tests)
    if process.returncode == STATUS_SKIP:
        test.verdict = ktap.SKIP
    elif process.returncode < 0:
        test.verdict, test.reason = ktap.CRASH, f"killed by signal {-process.returncode}"
    elif process.returncode or report.bad() or not report.complete():
        test.verdict, test.reason = ktap.FAIL, f"status {process.returncode}"
    return test
