# SPDX-License-Identifier: MIT
"""Programs that nobody here wrote, unchanged, by run-qemu.sh -- PROGRAM: output and status are
those of the same program on Linux."""

import re
import subprocess

import pytest

from harness.machine import BUILD, Machine

BUSYBOX = "/bin/busybox"


def guest(name, *job, status=0, add=(), stdin=b"", **parameters):
    parameters = {"cpus": 2, **parameters}
    result = Machine(f"program-{name}", **parameters).run(*job, add=add, stdin=stdin)
    assert result.status == status, result.explain()
    return result.output


def host(*job, stdin=b"", cwd="/"):
    result = subprocess.run([str(word) for word in job], input=stdin, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, cwd=cwd,
                            env={"PATH": "/bin:/sbin:/usr/bin:/usr/sbin", "HOME": "/"})
    return result.returncode, result.stdout.decode()


SAME = {
    "echo": ["echo", "a", "b  c", "*"],
    "pipes": ["sh", "-c", "for i in 3 1 2; do echo line $i; done | sort | tr a-z A-Z | grep -v 2"],
    "loops": ["sh", "-c", "i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; echo $i"],
    "forks": ["sh", "-c", "for i in $(seq 1 50); do (exit $i) || echo -n \"$? \"; done; echo"],
    "status": ["sh", "-c", "exit 42"],
    "killed": ["sh", "-c", "kill -9 $$"],
    "pipeline-status": ["sh", "-c", "yes | head -n 100000 | wc -l"],
    "redirect": ["sh", "-c", "echo one > /tmp/x.$$; echo two >> /tmp/x.$$; cat /tmp/x.$$; "
                 "wc -c < /tmp/x.$$; rm /tmp/x.$$; ls /tmp/x.$$ 2>&1 | sed 's/[0-9]//g'"],
    "background": ["sh", "-c",
                   "sleep 0.2 & wait; (echo a; sleep 0.1; echo b) & wait $!; echo done"],
    "folders": ["sh", "-c", "cd /tmp && pwd && cd / && pwd; test -d /proc && echo proc"],
    "sort": ["sh", "-c", "seq 1 500 | sort -r | md5sum"],
    "awk": ["awk", "BEGIN { for (i = 0; i < 1000; i++) s += i * i; print s, s % 17 }"],
    "dd": ["sh", "-c", "dd if=/dev/zero bs=1024 count=2048 2>/dev/null | md5sum"],
    "find": ["sh", "-c",
             "mkdir -p /tmp/f$$/a/b && touch /tmp/f$$/a/b/c && cd /tmp/f$$ && find . | sort; "
             "rm -r /tmp/f$$"],
    "printf": ["printf", "%s-%05d-%x\\n", "text", "42", "255"],
    "false": ["false"],
    "trap": ["sh", "-c", "trap 'echo caught' USR1; trap 'echo bye' EXIT; kill -USR1 $$; echo on"],
    "trap-wait": ["sh", "-c",
                  "trap 'echo term; exit 3' TERM; (sleep 0.2; kill $$) & wait; echo no"],
    "timeout": ["timeout", "1", "sleep", "100"],
}


@pytest.mark.parametrize("name", SAME)
def test_busybox_as_on_linux(name):
    status, output = host(BUSYBOX, *SAME[name])
    status = status if status >= 0 else 128 - status
    assert guest(name, BUSYBOX, *SAME[name], status=status) == output


def test_input_and_end_of_file():
    text = "".join(f"{n * 7919 % 1000}\n" for n in range(500)).encode()
    want = host(BUSYBOX, "sort", "-n", stdin=text)[1]
    assert guest("stdin", BUSYBOX, "sort", "-n", stdin=text) == want


def test_md5sum_of_a_mebibyte(tmp_path):
    data = tmp_path / "data"
    data.write_bytes(bytes(n * n * 31 % 251 for n in range(1 << 20)))
    expected = host(BUSYBOX, "md5sum", data)[1].split()[0]
    for number, item in enumerate((data, f"{data}:/some/where/x")):
        path = "/data" if number == 0 else "/some/where/x"
        output = guest(f"md5sum{number}", BUSYBOX, "md5sum", path, add=[item])
        assert output == f"{expected}  {path}\n"


def test_folders_are_added_whole(tmp_path):
    (tmp_path / "tree" / "inner").mkdir(parents=True)
    (tmp_path / "tree" / "inner" / "file").write_text("contents\n")
    (tmp_path / "tree" / "link").symlink_to("inner/file")
    output = guest("folder", BUSYBOX, "sh", "-c", "cat /tree/link && readlink /tree/link",
                   add=[tmp_path / "tree"])
    assert output == "contents\ninner/file\n"


def test_ls_of_everything():
    lines = guest("ls", BUSYBOX, "ls", "-lR", "/").splitlines()
    assert "/:" in lines and "/dev:" in lines and "/proc/self:" not in lines
    assert any(line.startswith("crw") and line.endswith(" null") and " 1, " in line
               for line in lines)
    assert any(line.startswith("-rwx") and line.endswith(" busybox") for line in lines)


def test_memory_map():
    lines = guest("maps", BUSYBOX, "cat", "/proc/self/maps").splitlines()
    pattern = re.compile(
        r"[0-9a-f]+-[0-9a-f]+ [r-][w-][x-][ps] [0-9a-f]{8} [0-9a-f]+:[0-9a-f]+ \d+\s*(.*)")
    entries = [pattern.fullmatch(line) for line in lines]
    assert all(entries), lines
    names = [entry.group(1) for entry in entries]
    assert "/bin/busybox" in names and "[stack]" in names and "[heap]" in names
    assert not [line for line in lines if " rwx" in line]


def test_ps():
    lines = guest("ps", BUSYBOX, "ps").splitlines()
    assert "PID" in lines[0]
    assert any(re.match(r"\s*1 .*init", line) for line in lines), lines
    assert any("ps" in line for line in lines[1:])


@pytest.mark.parametrize("library", ["glibc64", "glibc32", "musl64"])
@pytest.mark.parametrize("mode", ["fsgsbase", "nofsgsbase"])
def test_threads_of_a_c_library(library, mode):
    program = BUILD / "host" / library / "threads"
    status, output = host(program, "some", "word")
    assert status == 42
    append = "" if mode == "fsgsbase" else mode
    assert guest(f"threads-{library}-{mode}", program, "some", "word", status=status,
                 append=append) == output


@pytest.mark.parametrize("library", ["glibc64", "musl64", "glibc32"])
def test_threads_on_an_old_cpu(library):
    program = BUILD / "host" / library / "threads"
    assert "total 16000" in guest(f"threads-{library}-qemu64", program, status=42, cpu="qemu64-v1")


@pytest.mark.parametrize("library", ["glibc64", "glibc32", "musl64"])
def test_signals_of_a_c_library(library):
    program = BUILD / "host" / library / "cancel"
    status, output = host(program)
    assert status == -15
    assert guest(f"cancel-{library}", program, status=128 + 15) == output


@pytest.mark.full
@pytest.mark.parametrize("library", ["glibc64", "glibc32", "musl64"])
@pytest.mark.parametrize("name", ["threads", "cancel"])
def test_threads_fifty_times(name, library):
    """In one boot on 4 CPUs, and on Linux."""
    program = BUILD / "host" / library / name
    loop = 'for i in $(seq 50); do "$0" some word; echo "run $i: status $?"; done'
    expected = host(BUSYBOX, "sh", "-c", loop, program)[1]
    got = guest(f"fifty-{name}-{library}", BUSYBOX, "sh", "-c", loop, f"/{name}", add=[program],
                cpus=4)
    assert got == expected and f"run 50: status {42 if name == 'threads' else 143}\n" in got


def test_missing_interpreter_of_a_script(tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/nonexistent\n")
    script.chmod(0o755)
    guest("script", script, status=127)


def test_interactive_shell():
    result = Machine("shell", cpus=2).shell(b"echo $((6 * 7)) > /tmp/x\ncat /tmp/x\nexit 5\n")
    assert result.status == 5, result.explain()
    assert "42" in result.output.split()


def test_job_under_grub():
    assert guest("bios", BUSYBOX, "echo", "hello", boot="bios") == "hello\n"
