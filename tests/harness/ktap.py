# SPDX-License-Identifier: MIT
"""Reads KTAP reports: of init (tests with subtests), of one test program, of the kernel.

A report may be cut short at any byte: then the test that was running is named.  Lines that
are no KTAP (kernel messages) are kept as diagnostics of the test around them.
"""

import re
from dataclasses import dataclass, field

RESULT = re.compile(r"(not ok|ok) (\d+)(?: -)? ?(.*)")
DIRECTIVE = re.compile(r"^(.*?)\s*# ?(SKIP|TODO)\b\s*(.*)$", re.IGNORECASE)
REASON = re.compile(r"^(.*?)\s+# (.*)$")
PLAN = re.compile(r"1\.\.(\d+)")
SUBTEST = re.compile(r"# Subtest: (.*)")
KERNEL_TEST = re.compile(r"# running (.*)")
KERNEL_LOG = r"\[ *\d+\.\d+\] "
BAIL_OUT = re.compile(r"Bail out! ?(.*)")

PASS, FAIL, SKIP, ERROR, CRASH = "pass", "fail", "skip", "error", "crash"


@dataclass
class Test:
    """One KTAP line, with what stood before it."""
    name: str
    verdict: str
    reason: str = ""
    log: list = field(default_factory=list)
    cases: list = field(default_factory=list)

    def verdicts(self):
        """The comparable part: own verdict and that of each case, by name."""
        return self.verdict, [(case.name, case.verdict) for case in self.cases]


@dataclass
class Report:
    """Tests of one report, and how it ended."""
    tests: list = field(default_factory=list)
    planned: int = None
    running: str = None     # the test that was running when the report broke off
    open_cases: list = field(default_factory=list)
    log: list = field(default_factory=list)

    def by_name(self):
        return {test.name: test for test in self.tests}

    def count(self, verdict):
        return sum(test.verdict == verdict for test in self.tests)

    def complete(self):
        return self.planned is not None and len(self.tests) == self.planned

    def bad(self):
        return [test for test in self.tests if test.verdict in (FAIL, ERROR, CRASH)]


def _result(match, log):
    bad, rest = match.group(1) == "not ok", match.group(3)
    directive = DIRECTIVE.match(rest)
    if directive and directive.group(2).upper() == "SKIP":
        return Test(directive.group(1), FAIL if bad else SKIP, directive.group(3), log)
    reason = REASON.match(rest)
    name, why = (reason.group(1), reason.group(2)) if reason else (rest, "")
    return Test(name, FAIL if bad else PASS, why, log)


class _Level:
    def __init__(self):
        self.tests, self.planned, self.log, self.bail = [], None, [], None


def parse(text, prefix=""):
    """Reads a report.  Lines are taken after the regular expression prefix (kernel log)."""
    start = re.compile(prefix)
    top, inner, report = _Level(), _Level(), Report()
    for line in text.replace("\r", "").splitlines():
        match = start.match(line)
        line = line[match.end():] if match else line
        nested = line.startswith("  ")
        level, body = (inner, line.strip()) if nested else (top, line.rstrip())
        subtest, kernel = SUBTEST.fullmatch(body), KERNEL_TEST.fullmatch(body)
        plan = PLAN.fullmatch(body)
        result, bail = RESULT.fullmatch(body), BAIL_OUT.fullmatch(body)
        if subtest and nested:
            inner, report.running = _Level(), subtest.group(1)
        elif kernel and not nested:
            inner, report.running = _Level(), kernel.group(1)
        elif plan:
            level.planned = int(plan.group(1))
        elif bail:
            level.bail = bail.group(1)
        elif result and nested:
            inner.tests.append(_result(result, inner.log))
            inner.log = []
        elif result:
            test = _result(result, top.log + inner.log)
            test.cases = inner.tests
            if inner.bail is not None:
                test.verdict, test.reason = ERROR, inner.bail
            elif inner.planned is not None and len(inner.tests) != inner.planned:
                test.verdict = ERROR if test.verdict == PASS else test.verdict
                test.reason += f" ({len(inner.tests)} of {inner.planned} cases reported)"
            top.tests.append(test)
            top.log, inner, report.running = [], _Level(), None
        elif body != "KTAP version 1":
            (inner if report.running else top).log.append(body)
    report.tests, report.planned = top.tests, top.planned
    report.open_cases, report.log = inner.tests, top.log + inner.log
    if top.bail is not None:
        report.tests.append(Test("(program)", ERROR, top.bail))
    return report
