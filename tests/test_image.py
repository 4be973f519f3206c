# SPDX-License-Identifier: MIT
"""Static checks on the linked kernel."""

import re
import struct
import subprocess
import sys

import pytest

from harness.machine import BUILD, ROOT

KERNEL = BUILD / "paranoid.elf"
FSGSBASE, ALT_NOT = 1, 0x8000      # kernel/cpu/features.h, alternative.h
# Registers and instructions that belong to user programs.  The kernel may save and load the whole
# state (XSAVE, FXRSTOR ...), read the status after a fault of it, and make it forget the last
# instruction's addresses before a load (FILD; sched/xstate.h).
VECTOR = re.compile(r"%[xyz]mm\d|%mm\d|%st\b|%k[0-7]\b")
X87 = re.compile(r"\tf(?!xsave|xrstor|ninit|nclex|nstsw|nstcw|ildl)[a-z]+\b")


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True).stdout


def test_no_segment_is_writable_and_executable():
    loads = [line.split() for line in run("readelf", "-lW", KERNEL).splitlines() if "LOAD" in line]
    assert len(loads) >= 4
    for fields in loads:
        flags = "".join(fields[6:-1])
        assert not ("W" in flags and "E" in flags), fields


def test_no_floating_point_in_kernel_code():
    """The user's registers stay in the CPU while the kernel runs, so it must not touch them - but
    for the two functions that move the x87 state between them and a signal frame."""
    found, function = [], ""
    for line in run("objdump", "-d", "--no-show-raw-insn", KERNEL).splitlines():
        if line.endswith(">:"):
            function = line.split("<")[1][:-2]
        elif function.split(".")[0] in ("user_fnsave", "user_frstor"):
            continue
        elif VECTOR.search(line) or X87.search(line):
            found.append(f"{function}: {line.strip()}")
    assert not found, "\n".join(found[:20])


def test_no_addresses_of_the_last_thread_stay_in_the_fpu():
    """CVE-2006-1056: wherever a switch loads the whole state, AMD's instructions come first.  No
    emulator leaves FIP and FDP as those CPUs do."""
    loads = {}
    for name, body in functions(KERNEL).items():
        code = [mnemonic for mnemonic, _ in body]
        if "fxrstor64" in code and not name.startswith("user_"):    # those load the thread's own
            first = [code[:at + 3][-3:] for at, mnemonic in enumerate(code) if mnemonic == "fnclex"]
            loads[name] = first
    assert {"schedule", "xstate_load_initial"} <= {name.split(".")[0] for name in loads}, loads
    for name, found in loads.items():
        assert found == [["fnclex", "emms", "fildl"]], f"{name}: got {found}"


def patched_kernel(path, fsgsbase):
    """The kernel as it is in memory after the boot of a CPU with or without FSGSBASE."""
    image = bytearray(KERNEL.read_bytes())
    symbols = {fields[2]: int(fields[0], 16) for fields in
               (line.split() for line in run("nm", KERNEL).splitlines()) if len(fields) == 3}
    loads = [[int(word, 16) for word in line.split()[1:6]]
             for line in run("readelf", "-lW", KERNEL).splitlines() if "LOAD" in line]

    def offset(address):
        return next(at + address - start for at, start, _, size, _ in loads
                    if start <= address < start + size)

    start, end = (symbols[f"__altinstructions_{which}"] for which in ("start", "end"))
    for record in range(start, end, 12):
        site, new, feature, size, length = struct.unpack_from("<iiHBB", image, offset(record))
        wanted = {FSGSBASE: fsgsbase, FSGSBASE | ALT_NOT: not fsgsbase}.get(feature, False)
        if wanted:
            at, source = offset(record + site), offset(record + 4 + new)
            image[at:at + size] = image[source:source + length] + b"\x90" * (size - length)
    path.write_bytes(image)
    return path


def functions_with_fs_gs_msr(kernel):
    """Functions that read or write an MSR with FS_BASE, GS_BASE or KERNEL_GS_BASE in ECX, or an
    unknown one."""
    found, function, msr = set(), "", None
    text = run("objdump", "-d", "--no-show-raw-insn", kernel)
    for line in text.splitlines():
        if line.endswith(">:"):
            function, msr = line.split("<")[1][:-2], None
        elif match := re.search(r"\tmov\s+\$0x(c00001\w\w),%ecx", line):
            msr = int(match[1], 16)
        elif re.search(r"\t(rdmsr|wrmsr)", line) and msr in (0xc0000100, 0xc0000101, 0xc0000102):
            found.add(function)
    return found


# Boot, before the first thread; the report of a panic; tests; and code that the patched entry jumps
# over.
MSR_OUTSIDE_SWITCHES = re.compile(
    r"^(load_bases|cpu_area_load|assert_ready_for_idt|null_selector_keeps_base|cpu_features_init|"
    r"panic.*|print_.*|tell|ktest_.*|sweep_.*|fault_in_kernel|fault_probe|load_missing_gs|"
    r"selftest.*|measure_.*|paranoid_entry\.legacy)(\.\w+)*$")


def test_no_msr_of_fs_or_gs_with_fsgsbase(tmp_path):
    """R3.4: neither at a switch nor at a door; and the same search finds them without FSGSBASE."""
    with_it = functions_with_fs_gs_msr(patched_kernel(tmp_path / "with", True))
    without = functions_with_fs_gs_msr(patched_kernel(tmp_path / "without", False))
    assert "schedule" in without
    assert not {name for name in with_it if not MSR_OUTSIDE_SWITCHES.search(name)}


def functions(kernel):
    """Each function's instructions: mnemonic and operands."""
    found = {}
    for line in run("objdump", "-d", "--no-show-raw-insn", kernel).splitlines():
        if line.endswith(">:"):
            body = found.setdefault(line.split("<")[1][:-2], [])
        elif match := re.match(r"\s*\w+:\t(\S+)\s*(.*)", line):
            body.append(match.groups())
    return found


# Doors have only one of the two; tests show what happens in between.
SWAPGS_ALONE = re.compile(
    r"^(entry_|exception_common|irq_common|nmi_|paranoid_|return_to_user|sysret|"
                          r"load_gs_index|gs_load_site|sweep_|int18_in_gap|selftest)")


def test_nothing_comes_between_two_swapgs(tmp_path):
    """R3.5: outside the doors one instruction lies between them, which neither calls nor touches
    memory, where user mode could have put a page that faults."""
    windows = set()
    for name, body in functions(patched_kernel(tmp_path / "with", True)).items():
        code = [mnemonic for mnemonic, _ in body]
        at = [i for i, mnemonic in enumerate(code) if mnemonic == "swapgs"]
        if at and not SWAPGS_ALONE.match(name):
            assert len(at) % 2 == 0, name
            windows |= {(name, tuple(code[first + 1:second]))
                        for first, second in zip(at[::2], at[1::2])}
    print(windows)
    assert {name for name, between in windows if between == ("wrgsbase",)}
    assert not [w for w in windows if w[1] not in (("rdgsbase",), ("wrgsbase",))], windows


def test_no_handler_on_an_ist_stack_takes_a_lock():
    """R2.36: what it interrupted may hold that very lock.  A panic ends the machine, and has its
    own way with the console's; the probes belong to kernel tests."""
    calls = {name: {match[1] for _, operands in body
                    if (match := re.search(r"<(\w[\w.]*)(?:\+0x\w+)?>$", operands))}
             for name, body in functions(KERNEL).items()}
    seen, todo = set(), ["nmi_handler", "exc_debug_kernel", "exc_machine_check_kernel"]
    while todo:
        name = todo.pop()
        if name not in seen and not name.startswith("panic"):
            seen.add(name)
            todo += calls.get(name, ())
    assert "trace_exit" in seen and "lock_order_acquire" in calls["schedule"]
    assert not seen & {"lock_order_acquire", "spin_wait", "schedule"}, seen


def test_control_registers_are_written_in_one_place():
    """R1.7: after the boot, CR4 by the function that keeps the pinned bits, and CR0 never."""
    writes = {register: {name.split(".")[0] for name, body in functions(KERNEL).items()
                         if any(operands.endswith(f",%{register}") for _, operands in body)}
              for register in ("cr0", "cr4")}
    kernel = {register: {name for name in names if not re.match(r"ktest_|enter_long_mode$", name)}
              for register, names in writes.items()}
    expected = {"cr0": {"cpu_features_enable"}, "cr4": {"cpu_features_enable", "cr4_write_pinned"}}
    assert kernel == expected, f"expected {expected}, got {writes}"


def test_multiboot2_header_where_grub_looks():
    """Within the first 32 KiB, 8-byte aligned, checksum right (Multiboot2 3.1.1)."""
    head = KERNEL.read_bytes()[:32768]
    at = head.find(bytes.fromhex("d65052e8"))
    assert at >= 0 and at % 8 == 0
    words = [int.from_bytes(head[at + i:at + i + 4], "little") for i in (0, 4, 8, 12)]
    assert sum(words) % 2**32 == 0


def test_pvh_note():
    assert re.search(r"Xen\s+0x00000008\s+.*0x00000012", run("readelf", "-nW", KERNEL))


def test_no_relocation_is_left():
    assert "no relocations" in run("readelf", "-rW", KERNEL)


def test_user_programs_are_static():
    for path in (BUILD / "user" / "test").glob("*/*"):
        assert "INTERP" not in run("readelf", "-lW", path), path


@pytest.mark.parametrize("script", sorted(
    str(path.relative_to(ROOT)) for pattern in ("*.sh", "*/*.sh", "tests/*/*.sh", ".ci/run")
    for path in ROOT.glob(pattern) if "build" not in path.parts))
def test_shellcheck(script):
    subprocess.run(["shellcheck", "-x", ROOT / script], check=True, cwd=ROOT)


def test_budget():
    """A file or function over its length without a reason fails here too, not only at the end."""
    subprocess.run([sys.executable, ROOT / "tests/tools/budget.py"], check=True)
