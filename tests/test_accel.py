# SPDX-License-Identifier: MIT
"""KVM or TCG: the trial of run-qemu.sh, with a fake QEMU that ends as it is told to."""

import os
import subprocess

import pytest

from harness.machine import ROOT, TROUBLE

KVM_CPU = ROOT / "tests" / "tools" / "kvm-cpu.sh"
INTERNAL = "echo 'KVM internal error. Suberror: 1' >&2; exec sleep 300"


class Host:
    def __init__(self, folder):
        self.folder, self.qemu = folder, folder / "bin" / "qemu-system-x86_64"
        self.qemu.parent.mkdir()
        self.environment = {**os.environ, "PATH": f"{self.qemu.parent}:{os.environ['PATH']}"}

    def install(self, end):
        self.qemu.write_text(f'#!/bin/sh\necho "$@" >>{self.folder}/calls\n{end}\n')
        self.qemu.chmod(0o755)

    def trial(self):
        """What kvm-cpu.sh prints, and how often it called QEMU."""
        calls = self.folder / "calls"
        calls.write_text("")
        done = subprocess.run([KVM_CPU, self.folder], env=self.environment, capture_output=True,
                              text=True, timeout=60, check=True)
        assert "paranoid.elf" not in calls.read_text()
        return done.stdout.strip(), len(calls.read_text().splitlines())


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_only_success_is_kept(host):
    host.install("exit 1")
    assert host.trial() == ("", 2)
    assert host.trial() == ("", 2)
    host.install("case $* in *host,-arch*) exit 65;; esac; exit 1")
    assert host.trial() == ("host,-arch-capabilities", 2)
    assert host.trial() == ("host,-arch-capabilities", 0)
    host.install("exit 65 # another QEMU")
    assert host.trial() == ("host", 1)


def test_an_internal_error_ends_the_trial_with_its_reason(host):
    host.install(INTERNAL)
    host.environment["KVM_TRIAL"] = "300"       # far more than this test has
    assert host.trial() == ("", 2)
    assert "KVM internal error" in (host.folder / "kvm-cpu.log").read_text()


def test_an_internal_error_is_no_hang(host):
    """QEMU stays then; the script ends it, long before the time is up, and says what it was."""
    host.install(INTERNAL)
    kernel = host.folder / "kernel"
    kernel.touch()
    done = subprocess.run([ROOT / "run-qemu.sh", "--accel", "kvm", "--kernel", kernel,
                           "--initrd", "none"], env=host.environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == TROUBLE, done.stderr
    assert "KVM internal error: this host's KVM" in done.stderr
