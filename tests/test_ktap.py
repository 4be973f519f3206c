# SPDX-License-Identifier: MIT
"""The reader of reports: what it says must be what was printed, also when a machine dies."""

import subprocess

import pytest

from harness import ktap
from harness.machine import BUILD, PANIC, Result

WHOLE = """# banner
KTAP version 1
1..3
  KTAP version 1
  # Subtest: 64/first
  1..2
  ok 1 a
  # b: got 1
  ok 2 b # SKIP no such thing here
ok 1 64/first
[    0.100000] a kernel message
  KTAP version 1
  # Subtest: 32/second
  1..2
  # FAILED: it broke
  not ok 1 c
  ok 2 d
not ok 2 32/second # exited with 1
  KTAP version 1
  # Subtest: 32/third
  1..1
  Bail out! fork: -EAGAIN
not ok 3 32/third # exited with 1
# tests: 1 passed, 2 failed, 0 skipped
"""


def verdicts(report):
    return [(test.name, test.verdict) for test in report.tests]


def test_whole_report():
    report = ktap.parse(WHOLE)
    assert report.complete() and report.running is None
    assert verdicts(report) == [("64/first", "pass"), ("32/second", "fail"), ("32/third", "error")]
    first, second, third = report.tests
    assert first.verdicts() == ("pass", [("a", "pass"), ("b", "skip")])
    assert first.cases[1].reason == "no such thing here"
    assert second.reason == "exited with 1"
    assert second.cases[0].log == ["# FAILED: it broke"]
    assert third.reason == "fork: -EAGAIN"


def test_every_cut_names_the_test_that_was_running():
    lines = WHOLE.splitlines(keepends=True)
    running = None
    for n, line in enumerate(lines):
        if "Subtest: " in line:
            running = line.split()[-1]
        elif line.startswith(("ok", "not ok")):
            running = None
        assert ktap.parse("".join(lines[:n + 1])).running == running, line


def test_a_machine_that_dies_makes_a_crash():
    cut = WHOLE[:WHOLE.index("  ok 2 d")]
    result = Result("x", PANIC, cut, "", "")
    crashed = result.report().tests[-1]
    assert (crashed.name, crashed.verdict) == ("32/second", "crash")
    assert "kernel panic" in crashed.reason and "c" in crashed.reason
    assert "while 32/second was running" in result.explain()


def test_cases_that_are_missing_are_an_error():
    report = ktap.parse("KTAP version 1\n1..1\n  # Subtest: t\n  1..3\n  ok 1 a\nok 1 t\n")
    assert report.tests[0].verdict == "error"
    assert "1 of 3" in report.tests[0].reason


def test_tests_that_are_missing_are_incomplete():
    assert not ktap.parse("KTAP version 1\n1..2\nok 1 a\n").complete()
    assert not ktap.parse("").complete()


def test_kernel_report():
    text = ("[    0.1] KTAP version 1\n[    0.2] # running a\n[    0.3] ok 1 a\n"
            "[    0.3] # running b\n[    0.3] ok 2 b # SKIP no HPET\n[    0.4] 1..2\n")
    report = ktap.parse(text, ktap.KERNEL_LOG)
    assert report.complete() and verdicts(report) == [("a", "pass"), ("b", "skip")]
    cut = ktap.parse(text[:text.index("[    0.3] ok 2")], ktap.KERNEL_LOG)
    assert cut.running == "b"


def test_carriage_returns_do_not_matter():
    assert verdicts(ktap.parse(WHOLE.replace("\n", "\r\n"))) == verdicts(ktap.parse(WHOLE))


def init(*words):
    """init's runner is an ordinary program, on Linux too."""
    user = BUILD / "user"
    command = [user / "sbin" / "init", "run-tests", "--dir", user / "test", *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          timeout=120)


def test_order_of_a_subtests_head():
    """As the kernel's ktap.rst has it and kunit.py wants it: version, name, plan, cases, result."""
    done = init("smoke")
    lines = [line for line in done.stdout.splitlines()
             if not line.strip().startswith("# ") or "Subtest" in line]
    assert done.returncode == 0 and lines[:2] == ["KTAP version 1", "1..2"], done.stdout
    for number, name in (1, "64/smoke"), (2, "32/smoke"):
        at = lines.index(f"  # Subtest: {name}")
        end = lines.index(f"ok {number} {name}")
        assert lines[at - 1] == "  KTAP version 1", done.stdout
        assert lines[at + 1] == f"  1..{end - at - 2}", done.stdout
        for n, line in enumerate(lines[at + 2:end], 1):
            assert line.startswith(f"  ok {n} "), done.stdout
    alone = subprocess.run([BUILD / "user/test/64/smoke"], capture_output=True, text=True).stdout
    assert alone.startswith("KTAP version 1\n1.."), alone


@pytest.mark.parametrize("words,reason", [
    (["smoke", "nosuch"], "matches nosuch"), (["nosuch"], "matches nosuch"),
    (["--limit"], "--limit"), (["--limit", "x", "smoke"], "--limit"),
    (["--limit", "0", "smoke"], "--limit"), (["--frob", "1"], "--frob"),
])
def test_a_typing_error_is_not_green(words, reason):
    done = init(*words)
    assert done.returncode == 2, f"expected 2, got {done.returncode}: {done.stdout}"
    assert reason in done.stdout, done.stdout
    assert "ok 1" not in done.stdout
