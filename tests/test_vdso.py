# SPDX-License-Identifier: MIT
"""Static checks on both vDSO images (R6.6, R6.27, R7.1, R7.4), and all flavours in a machine."""

import re
import subprocess

import pytest

from harness import ktap, unwind
from harness.machine import BUILD, Machine

IMAGES = {bits: BUILD / "entry" / "vdso" / f"vdso{bits}.so" for bits in (32, 64)}
FORBIDDEN = re.compile(
    r"%?[fg]s\b|[fg]sbase|swapgs|msr|xsetbv|xgetbv|xmm|cpuid|\bin\b|\bout\b|\bcli\b|\bsti\b")
NAMES = {
    64: {f"{prefix}{name}@@LINUX_2.6" for prefix in ("", "__vdso_")
         for name in ("clock_gettime", "gettimeofday", "time", "getcpu")},
    32: {f"__vdso_{name}@@LINUX_2.6" for name in
         ("clock_gettime", "clock_gettime64", "gettimeofday", "time", "getcpu")}
        | {f"__kernel_{name}@@LINUX_2.5" for name in ("vsyscall", "sigreturn", "rt_sigreturn")}
        | {"__kernel_clone@@PARANOID_1.0"},
}
VSYSCALL = {"ecx", "edx"}


def symbols(bits):
    """name@@version -> (value, size)."""
    lines = unwind.run("readelf", "-W", "--dyn-syms", IMAGES[bits]).splitlines()
    rows = [line.split() for line in lines if "@@" in line]
    return {row[7]: (int(row[1], 16), int(row[2])) for row in rows}


@pytest.mark.parametrize("bits", IMAGES)
class TestImage:
    def test_readelf_finds_nothing_wrong(self, bits):
        done = subprocess.run(["readelf", "-aW", IMAGES[bits]], capture_output=True, text=True,
                              check=True)
        assert done.stderr == ""
        assert "no relocations" in done.stdout
        assert "TEXTREL" not in done.stdout

    def test_one_read_only_segment(self, bits):
        lines = [line.split() for line in unwind.run("readelf", "-lW", IMAGES[bits]).splitlines()]
        loads = [line for line in lines if line[:1] == ["LOAD"]]
        assert {line[0] for line in lines if line[1:2] and line[1].startswith("0x")} == \
            {"LOAD", "DYNAMIC", "GNU_EH_FRAME"}
        assert len(loads) == 1 and loads[0][1:4] == ["0x000000"] + 2 * [loads[0][2]]
        assert "".join(loads[0][6:-1]) == "RE"

    def test_symbols_and_versions(self, bits):
        assert set(symbols(bits)) == NAMES[bits]

    def test_touches_nothing_but_general_registers(self, bits):
        """R7.1: no FS, GS or their bases, no MSR, no extended state."""
        ranges = [range(f.start, f.end) for f in unwind.functions(IMAGES[bits])]
        code = {at: row for at, row in unwind.disassemble(IMAGES[bits]).items()
                if any(at in function for function in ranges)}
        bad = [f"{at:x}: {name} {operands}" for at, (name, operands, _) in code.items()
               if FORBIDDEN.search(f"{name} {operands}")]
        assert code and not bad
        system = {name for name, *_ in code.values()} & {"syscall", "sysenter", "int", "sysret",
                                                         "iret"}
        assert system == ({"syscall"} if bits == 64 else {"syscall", "sysenter", "int"})

    def test_every_instruction_unwinds(self, bits):
        """R6.6, R7.4: CFI against the stack as the instructions leave it."""
        code, found = unwind.disassemble(IMAGES[bits]), unwind.functions(IMAGES[bits])
        checked = 0
        for function in (f for f in found if not f.signal):
            first = [code[at][:2] for at in sorted(code) if function.start <= at < function.end][:3]
            kept = unwind.KEPT | (VSYSCALL if first == [("push", r) for r in ("ecx", "edx", "ebp")]
                                  else set())
            for at, (depth, saved, lost) in unwind.walk(function, code, bits // 8, kept).items():
                cfa, rules = function.row(at)
                assert cfa == depth, f"{at:x}: CFA is SP+{depth}, CFI says {cfa}"
                told = {name: value for name, value in rules.items() if name in kept
                        and value is not None}
                assert told.items() <= saved.items(), f"{at:x}: saved {saved}, CFI says {told}"
                assert lost <= told.keys(), f"{at:x}: {lost} overwritten, CFI knows {told}"
                checked += 1
        assert checked > 100
        covered = [(f.start, f.end) for f in found]
        for name, (value, size) in symbols(bits).items():
            assert any(low <= value and value + size <= high for low, high in covered), name


def test_signal_trampolines():
    """The NOP before each belongs to its FDE; everything is found through the frame in memory."""
    signal = [f for f in unwind.functions(IMAGES[32]) if f.signal]
    table, image = symbols(32), IMAGES[32].read_bytes()
    for name, code in (("sigreturn", "58b877000000cd80"), ("rt_sigreturn", "b8ad000000cd80")):
        value, _ = table[f"__kernel_{name}@@LINUX_2.5"]
        function = [f for f in signal if f.start == value - 1]
        assert len(function) == 1, name
        assert image[value - 1] == 0x90 and image[value:].startswith(bytes.fromhex(code))
    text = unwind.run("readelf", "-wf", IMAGES[32])
    # Distance of the sigcontext from ESP: before and after the POP;
    # behind siginfo and ucontext's head.
    for at in (4, 0, 160):
        assert f"DW_CFA_def_cfa_expression (DW_OP_breg4 (esp): {at + 28}; DW_OP_deref)" in text
        for number, name, field in ((0, "eax", 44), (1, "ecx", 40), (2, "edx", 36), (3, "ebx", 32),
                                    (5, "ebp", 24), (6, "esi", 20), (7, "edi", 16), (8, "eip", 56)):
            rule = f"DW_CFA_expression: r{number} ({name}) (DW_OP_breg4 (esp): {at + field})"
            assert rule in text


def test_the_checker_finds_a_wrong_rule():
    """Without the CFI of one push the walk and the table disagree."""
    found = next(f for f in unwind.functions(IMAGES[32]) if len(f.rows) == 7)
    code = unwind.disassemble(IMAGES[32])
    del found.rows[sorted(found.rows)[2]]
    states = unwind.walk(found, code, 4, unwind.KEPT | VSYSCALL)
    assert any(found.row(at)[0] != depth for at, (depth, *_) in states.items())


def unwound(flavour_size):
    """What tests/programs/unwind.c prints, 32 bit and 64 bit,
    without the numbers of C's instructions."""
    names = ["clock_gettime", "clock_gettime", "clock_gettime64", "gettimeofday", "time", "getcpu"]
    lines = []
    for kind, trampoline, size in (("old", "__kernel_sigreturn", 3),
                                   ("rt", "__kernel_rt_sigreturn", 2)):
        lines += [f"{kind} frames", f"__kernel_vsyscall: unwound, {flavour_size} instructions",
                  f"{trampoline}: unwound, {size} instructions"]
        lines += [f"__vdso_{name}: unwound" for name in names]
    return lines + [f"__vdso_{name}: {'not there' if name.endswith('64') else 'unwound'}"
                    for name in names]


@pytest.mark.parametrize("flavour,size", [("sysenter", 11), ("syscall", 11), ("int80", 9)])
def test_stepped_and_unwound(flavour, size):
    """R6.6, R7.4: libgcc's unwinder at every instruction,
    the caller's registers as they are known."""
    programs = [f"{BUILD}/host/glibc{bits}/unwind:/unwind{bits}" for bits in (32, 64)]
    gs = "nofsgsbase " if flavour == "syscall" else ""
    result = Machine(f"unwind-{flavour}", cpus=2, append=f"{gs}vsyscall={flavour}").run(
        "/bin/busybox", "sh", "-c", "/unwind32 && /unwind64", add=programs)
    assert result.status == 0, result.explain()
    lines = [re.sub(r"(__vdso_.*: unwound), \d+ instructions", r"\1", line)
             for line in result.output.splitlines()]
    assert lines == unwound(size)


@pytest.mark.parametrize("bits", [64, 32])
def test_unwinding_on_linux(bits):
    """The same program finds nothing wrong with Linux's own image."""
    done = subprocess.run([BUILD / "host" / f"glibc{bits}" / "unwind"], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout
    assert ("__kernel_vsyscall: unwound" if bits == 32 else "__vdso_time: unwound") in done.stdout


INTEL = "max,vendor=GenuineIntel,family=6,model=94,stepping=3"


@pytest.mark.parametrize("flavour", ["sysenter", "syscall", "int80", "none"])
@pytest.mark.parametrize("cpu", ["max", INTEL], ids=["amd", "intel"])
@pytest.mark.parametrize("gs", ["", "nofsgsbase"], ids=["fsgsbase", "nofsgsbase"])
def test_flavours(flavour, cpu, gs, cases):
    """R6.3, R6.4: each flavour by the boot option.
    TCG runs them all under any vendor (spec 10.2)."""
    result = Machine(f"vdso-{flavour}-{cpu[:16]}-{gs}", cpus=2, cpu=cpu,
                     append=f"{gs} vsyscall={flavour} -- run-tests */vdso_* 32/fast_syscalls "
                     "32/high_registers 32/door_* 32/smoke */syscall_* */bitness_mixing".strip()
                     ).run()
    report = result.report()
    cases([case for test in report.tests for case in test.cases])
    assert report.tests and report.complete() and not report.bad(), result.explain()
    assert all(test.verdict in (ktap.PASS, ktap.SKIP) for test in report.tests)
    if flavour != "none":
        assert not [c.name for t in report.tests for c in t.cases if c.verdict == ktap.SKIP]
