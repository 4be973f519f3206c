# SPDX-License-Identifier: MIT
"""run-qemu.sh itself: statuses, streams and limits, with a fake kernel (tests/stub) that ends
in the way that it is told to."""

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness.machine import BUILD, ROOT, Machine, HANG, PANIC, REFUSED, RESET, TROUBLE

STUB = BUILD / "host" / "stub.elf"
BUSYBOX = "/bin/busybox"


def qemu(*arguments, **options):
    command = [str(ROOT / "run-qemu.sh"), "--accel", "tcg", "--kernel", str(STUB), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60,
                          **{"stdin": subprocess.DEVNULL, **options})


@pytest.mark.parametrize("end,status,line", [
    ("plain", 7, ""),
    ("panic", PANIC, "kernel panic"),
    ("fatal", REFUSED, "refused"),
    ("reset", RESET, "reset"),
    ("hang", HANG, "time is up after 2 s"),
])
def test_status(end, status, line):
    result = qemu("--append", f"stub={end}", "--timeout", "2" if end == "hang" else "50")
    assert result.returncode == status
    assert line in result.stderr


@pytest.mark.parametrize("end,status", [("off", 7), ("panic", PANIC), ("reset", RESET)])
def test_status_of_a_job(end, status, tmp_path):
    log = tmp_path / "log"
    result = qemu("--append", f"stub={end}", "--log", str(log), "--", BUSYBOX, "true")
    assert result.returncode == status
    if end == "off":
        assert result.stdout == "out\n"
        assert log.read_text() == "power off, status 7\n"


def test_log_on_com2_without_a_job():
    result = qemu("--append", "stub=off log=com2")
    assert result.returncode == 7, result.stderr


def test_folder_with_commas(tmp_path):
    folder = tmp_path / "a,b c"
    folder.mkdir()
    result = qemu("--append", "stub=plain", "--log", str(folder / "log"),
                  env={**os.environ, "TMPDIR": str(folder)})
    assert result.returncode == 7, result.stderr
    assert (folder / "log").read_text() == "power off, status 7\n"


def test_input_reaches_the_console_and_then_ends():
    result = qemu("--append", "stub=echo", "--", BUSYBOX, "cat", stdin=None, input="some text\n")
    assert (result.returncode, result.stdout) == (7, "some text\nout\n")


def test_input_that_never_ends_does_not_keep_the_script():
    reader, writer = os.pipe()
    start = time.monotonic()
    try:
        result = qemu("--append", "stub=off", "--", BUSYBOX, "true", stdin=reader)
    finally:
        os.close(reader)
        os.close(writer)
    assert result.returncode == 7
    assert time.monotonic() - start < 30


def test_terminal_is_raw_and_restored():
    """At a terminal a byte reaches the guest at once,
    and afterwards the settings are the old ones."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execvp("sh", ["sh", "-c",
                         f"./run-qemu.sh --accel tcg --kernel {STUB} --append stub=echo "
                         f"-- {BUSYBOX} cat; echo status $?; stty -a"])
    seen = b""
    while b"stub" not in seen and b"x" not in seen:
        time.sleep(1.5)
        os.write(terminal, b"x")
        seen += os.read(terminal, 1024)
    os.write(terminal, b"\x04")
    while True:
        try:
            data = os.read(terminal, 1024)
        except OSError:
            break
        if not data:
            break
        seen += data
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b"status 7" in seen, seen
    assert b" icanon" in seen and b" echo " in seen, seen


def test_a_job_that_ends_like_a_machine_is_told_apart():
    command = [ROOT / "run-qemu.sh", "--accel", "tcg", "--", BUSYBOX, "sh", "-c", "exit 250"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600,
                            stdin=subprocess.DEVNULL)
    assert result.returncode == 250, result
    assert "the job itself ended with status 250" in result.stderr, result


@pytest.mark.parametrize("arguments,line", [
    (["--frobnicate"], "--frobnicate"),
    (["--cpus", "two"], "number"),
    (["--boot", "floppy"], "--boot"),
    (["--icount", "--accel", "kvm"], "TCG"),
    (["--kernel", "/nonexistent"], "/nonexistent"),
    (["--"], "no program"),
    (["--", "/nonexistent"], "/nonexistent"),
    (["--", "/bin/ls"], "dynamically linked"),
    (["--add", "/nonexistent", "--", BUSYBOX], "/nonexistent"),
    (["--add", "/etc/passwd"], "--add"),
    (["--cpus", "0"], "number"), (["--mem", "0"], "number"), (["--cpus", "08"], "number"),
    (["--media", "usb"], "GRUB"), (["--gfx", "text"], "GRUB"),
    (["--boot", "bios", "--gfx", "foo bar"], "--gfx"),
    (["--log", "/nonexistent/log"], "cannot write /nonexistent/log"),
])
def test_wrong_usage(arguments, line):
    result = qemu(*arguments)
    assert result.returncode == TROUBLE
    assert line in result.stderr


@pytest.mark.parametrize("arguments,line", [
    (["--cpu"], "value missing"), (["--timeout", "abc"], "number"), (["--timeout=0"], "number"),
    (["--frobnicate", "1"], "--frobnicate"), (["--log", "/nonexistent/log"], "cannot write"),
    ([f"--kernel={STUB}"], "no symbols"),
])
def test_wrong_usage_of_bochs(arguments, line):
    result = subprocess.run([ROOT / "run-bochs.sh", *arguments], capture_output=True, text=True,
                            timeout=120, stdin=subprocess.DEVNULL)
    assert result.returncode == TROUBLE, (result.returncode, result.stderr)
    assert line in result.stderr


def test_help_tells_every_option():
    result = qemu("--help")
    assert result.returncode == 0
    for option in ("--accel", "--cpu ", "--cpus", "--mem", "--boot", "--media", "--gdb", "--icount",
                   "--append", "--log", "--timeout", "--add", "--initrd", "--shell", "--qemu",
                   "250",
                   "251", "252", "253", "254"):
        assert option in result.stdout, option


def test_nothing_is_left_behind(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    qemu("--append", "stub=off", "--", BUSYBOX, "true", env=environment)
    assert list(tmp_path.iterdir()) == []


def test_terminated_script_takes_qemu_with_it(tmp_path):
    process = subprocess.Popen([str(ROOT / "run-qemu.sh"), "--accel", "tcg", "--kernel", str(STUB),
                                "--append", "stub=hang", "--qemu", "-name", "--qemu",
                                "unique-3141"],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "TMPDIR": str(tmp_path)})

    wait_for(lambda: qemu_runs("unique-3141"))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    wait_for(lambda: not qemu_runs("unique-3141"))
    assert list(tmp_path.iterdir()) == []


def test_terminated_script_takes_its_feeder_with_it(tmp_path):
    """It would wait for the kernel's first line, which does not come any more."""
    log, feeder = str(tmp_path / "log"), str(ROOT / "tests" / "tools" / "feed.sh")
    process = subprocess.Popen([str(ROOT / "run-qemu.sh"), "--accel", "tcg", "--kernel", str(STUB),
                                "--log", log, "--append", "stub=hang", "--", BUSYBOX, "true"],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: runs("bash", feeder, log))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    wait_for(lambda: not runs("bash", feeder, log))


def test_terminated_script_takes_bochs_with_it(tmp_path):
    process = subprocess.Popen([ROOT / "run-bochs.sh", "quiet"], stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               env={**os.environ, "TMPDIR": str(tmp_path)})
    wait_for(lambda: list(tmp_path.glob("run-bochs.*/rc")), 300)
    [file] = map(str, tmp_path.glob("run-bochs.*/rc"))
    wait_for(lambda: runs("bochs-bin", file))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    wait_for(lambda: not runs("bochs-bin", file) and not runs("timeout", file))
    assert list(tmp_path.iterdir()) == []


def qemu_runs(argument):
    return runs("qemu-system", argument)


def runs(program, *arguments):
    """Whether a program has such arguments: from /proc, for a bare machine has no pgrep."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue        # it has ended since
        if program in words[0] and all(argument in words for argument in arguments):
            return True
    return False


def wait_for(condition, seconds=120):
    for _ in range(10 * seconds):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited for {seconds} s")


def test_watchdog_ends_an_idle_guest():
    machine = Machine("watchdog-idle", kernel=STUB, append="stub=hang")
    result = machine.run(quiet=2)
    assert result.status == HANG
    assert "no output for 2 s" in result.errors


def test_watchdog_ends_a_busy_guest():
    machine = Machine("watchdog-busy", kernel=STUB, append="stub=echo")
    result = machine.run(busy=2, quiet=100)
    assert result.status == HANG
    assert "processor time" in result.errors
