# SPDX-License-Identifier: MIT
"""Every user test in this kernel, over a matrix of machines; verdicts compared with Linux's.

A machine boots once and runs all programs; each program is a test of its own in the report.
"""

import functools

import pytest

from harness import ktap, oracle
from harness.machine import ACCEL, Machine

NOFSGSBASE = {"append": "nofsgsbase"}
INTEL = {"cpu": "max,vendor=GenuineIntel,family=6,model=94,stepping=3"}

# What QEMU's translator does not model: the cases that find that out skip here and run on silicon.
# They are listed, so that no other skip can hide on a machine that lacks nothing.
NOT_MODELLED = {"alignment check", "null segment", "non-canonical values", "SIMD exception"}
# How a case begins its reason for skipping on Linux but not here.
NOT_ON_LINUX = "not on Linux: "

# Name, parameters of the machine.  The six of the first group must agree with Linux case by case.
SAME = {
    **{f"fsgsbase-{n}cpu": {"cpus": n} for n in (1, 2, 4)},
    **{f"nofsgsbase-{n}cpu": {"cpus": n, **NOFSGSBASE} for n in (1, 2, 4)},
}
# Machines that lack something: a case may be skipped there, with its measured reason.
LESS = {
    "intel-2cpu": {"cpus": 2, **INTEL},
    "nosmap": {"cpu": "max,-smap,-smep,-umip"},
    "nehalem": {"cpu": "Nehalem-v1"},           # no FSGSBASE, no XSAVE, Intel
    "qemu64": {"cpu": "qemu64-v1"},             # the least that x86-64 has
    "64mib": {"mem": 64, "cpus": 2},
}
FULL = {
    "intel-nofsgsbase-4cpu": {"cpus": 4, **INTEL, **NOFSGSBASE},
    "haswell-2cpu": {"cpu": "Haswell-v4", "cpus": 2},
    "epyc-4cpu": {"cpu": "EPYC-v1", "cpus": 4},
    "skylake-2cpu": {"cpu": "Skylake-Client-v4", "cpus": 2},
    "8cpu": {"cpus": 8},
    "4gib-2cpu": {"cpus": 2, "mem": 4096},
    "64mib-nofsgsbase-4cpu": {"mem": 64, "cpus": 4, **NOFSGSBASE},
}
CONFIGS = {**SAME, **LESS, **FULL}
MACHINES = [pytest.param(name, marks=pytest.mark.full if name in FULL else ()) for name in CONFIGS]


@functools.lru_cache(maxsize=None)
def boot(config):
    result = Machine(f"guest-{config}", accel=ACCEL, **CONFIGS[config]).run()
    return result, result.report()


@pytest.mark.parametrize("config", MACHINES)
class TestGuest:
    def test_summary(self, config):
        """The machine ends by itself, with the report complete and init's status."""
        result, report = boot(config)
        assert report.complete(), result.explain()
        assert result.status == (1 if report.bad() else 0), result.explain()
        expected = "off" if "nofsgsbase" in config or config in ("nehalem", "qemu64") else "on"
        assert f"fsgsbase {expected}" in result.output

    @pytest.mark.parametrize("program", oracle.programs())
    def test_program(self, config, program, cases):
        result, report = boot(config)
        test = report.by_name().get(program)
        if test is None:
            pytest.fail(f"did not run: {result.explain()}")
        cases(test.cases)
        assert test.verdict in (ktap.PASS, ktap.SKIP), \
            f"{test.verdict} {test.reason}\n" + "\n".join(describe(test)) + f"\n{result.command}"
        compare(test, oracle.run(program), config in SAME)
        if test.verdict == ktap.SKIP:
            pytest.skip("; ".join(case.reason for case in test.cases))


def describe(test):
    for case in test.cases:
        yield from case.log
        yield f"{case.verdict} {case.name} {case.reason}"
    yield from test.log


def compare(here, linux, strict):
    """The same cases with the same verdicts; where the machine lacks something, a skip will do.
    What cannot be asked of Linux is skipped there, and says so."""
    assert [case.name for case in here.cases] == [case.name for case in linux.cases]
    for ours, theirs in zip(here.cases, linux.cases):
        skipped = ktap.SKIP in (ours.verdict, theirs.verdict) and \
            (not strict or ours.name in NOT_MODELLED)
        not_asked = theirs.verdict == ktap.SKIP and theirs.reason.startswith(NOT_ON_LINUX)
        assert skipped or not_asked or ours.verdict == theirs.verdict, \
            f"{ours.name}: {ours.verdict} here ({ours.reason}), {theirs.verdict} on Linux"


@pytest.mark.parametrize("config", ["fsgsbase-1cpu", "nofsgsbase-1cpu", "intel-2cpu", "qemu64",
                                    "fsgsbase-4cpu"])
def test_in_kernel(config, cases):
    """The tests inside the kernel, ktest=all."""
    parameters = dict(CONFIGS[config])
    parameters["append"] = (parameters.get("append", "") + " ktest=all").strip()
    result = Machine(f"ktest-{config}", accel=ACCEL, **parameters).run()
    report = result.report(ktap.KERNEL_LOG)
    cases(report.tests)
    assert report.tests and report.complete() and not report.bad(), result.explain()
    assert result.status == 0, result.explain()


def test_kernel_tests_are_listed_and_quiet_keeps_the_report():
    listed = Machine("ktest-list", append="quiet ktest=list").run()
    assert listed.status == 0, listed.explain()
    assert "ist_stacks" in listed.output and "sweep_full (not in all)" in listed.output
    one = Machine("ktest-quiet", append="quiet ktest=ist_stacks").run()
    report = one.report(ktap.KERNEL_LOG)
    assert [test.name for test in report.tests] == ["ist_stacks"], one.explain()
    assert report.complete(), one.explain()


@pytest.mark.full
@pytest.mark.parametrize("config", list(SAME))
def test_twenty_runs_in_a_row(config):
    for number in range(20):
        result = Machine(f"repeat-{config}-{number}", **CONFIGS[config]).run()
        assert result.status == 0 and result.report().complete(), result.explain()
