# SPDX-License-Identifier: MIT
"""A boot that cannot work ends in one clear line and the failure status, never in silence."""

import os

import pytest

from harness import seeds
from harness.machine import BUILD, REFUSED, Machine


def refused(name, pattern, **parameters):
    result = Machine(f"bad-{name}", **parameters).run(quiet=30)
    assert result.status == REFUSED, result.explain()
    lines = [line for line in result.output.splitlines() if "fatal" in line or "refuse" in line]
    lines = lines or result.output.splitlines()
    assert len(lines) == 1, result.explain()
    assert pattern in lines[0].lower(), result.explain()


def initramfs(tmp_path, data):
    path = tmp_path / "initrd"
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def archive():
    return (BUILD / "initramfs.cpio").read_bytes()


@pytest.mark.parametrize("boot", ["direct", "bios"])
def test_missing_module(boot):
    refused(f"nomodule-{boot}", "initramfs", initrd="none", boot=boot)


def test_truncated_archive(tmp_path, archive):
    refused("truncated", "initramfs", initrd=initramfs(tmp_path, archive[:len(archive) // 2]))


def test_random_archive(tmp_path):
    refused("random", "initramfs", initrd=initramfs(tmp_path, os.urandom(65536)))


def test_zero_archive(tmp_path):
    refused("zeros", "init", initrd=initramfs(tmp_path, bytes(65536)))


def test_archive_without_init(tmp_path):
    refused("noinit", "init", initrd=initramfs(tmp_path, seeds.cpio()))


def test_init_that_is_no_program(tmp_path):
    data = seeds.cpio_record(b"sbin", b"").replace(b"000081A4", b"000041ED", 1)
    data += seeds.cpio_record(b"sbin/init", b"hello").replace(b"000081A4", b"000081ED", 1)
    data += seeds.cpio_record(b"TRAILER!!!", b"")
    refused("badinit", "init", initrd=initramfs(tmp_path, data))


@pytest.mark.parametrize("boot", ["direct", "bios", "uefi"])
def test_unknown_option(boot):
    refused(f"option-{boot}", "nofsgsbsae", append="nofsgsbsae", boot=boot)


def test_malformed_option():
    refused("malformed", "maxcpus=many", append="maxcpus=many")


def test_missing_init():
    refused("init", "/nonexistent", append="init=/nonexistent")


def test_unknown_kernel_test():
    refused("ktest", "nonexistent", append="ktest=nonexistent")


def test_second_kernel_test():
    refused("ktest-twice", "ktest=all", append="ktest=ist_stacks ktest=all")


def test_kernel_test_and_arguments_of_init():
    refused("ktest-init", "run-tests", append="ktest=all -- run-tests")


@pytest.mark.parametrize("mem", [4, 8, 12])
def test_too_little_memory(tmp_path, mem):
    # A small archive: QEMU puts a large one over the kernel where there is no room beside it.
    refused(f"mem{mem}", "memory", mem=mem, initrd=initramfs(tmp_path, seeds.cpio()))


def test_no_apic():
    refused("noapic", "apic", cpu="max,-apic")


def test_no_long_mode():
    refused("32bit", "64-bit", cpu="qemu32-v1")


def test_no_nx():
    refused("nonx", "nx", cpu="max,-nx")


@pytest.mark.parametrize("boot", ["direct", "bios"])
def test_absurdly_long_command_line(boot):
    refused(f"longline-{boot}", "command line", append="quiet " * 400, boot=boot)
