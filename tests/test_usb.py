# SPDX-License-Identifier: MIT
"""make usb: what it says, and what it refuses, with a made-up /sys and files for disks."""

import os
import subprocess

import pytest

from harness.machine import ROOT

IMAGE = bytes(range(256)) * 64


class Computer:
    """A folder with sys/, dev/ and mounts."""

    def __init__(self, root):
        self.root, self.image = root, root / "image"
        self.image.write_bytes(IMAGE)
        (root / "sys" / "block").mkdir(parents=True)
        (root / "sys" / "class" / "block").mkdir(parents=True)
        (root / "dev").mkdir()
        (root / "mounts").write_text("/dev/vda1 / ext4 rw 0 0\n")
        (root / "swaps").write_text("Filename Type Size Used Priority\n")

    def disk(self, name, removable=0, bus="pci0000:00/ata1", size=100, ro=0):
        place = self.root / "sys" / "devices" / bus / "block" / name
        place.mkdir(parents=True)
        for key, value in {"removable": removable, "size": size, "ro": ro}.items():
            (place / key).write_text(f"{value}\n")
        (self.root / "sys" / "block" / name).symlink_to(place)
        (self.root / "sys" / "class" / "block" / name).symlink_to(place)
        return self.device(name)

    def device(self, name):
        path = self.root / "dev" / name
        path.write_bytes(bytes(2 * len(IMAGE)))
        return path

    def usb(self, *arguments):
        environment = dict(os.environ, SYSFS=str(self.root / "sys"),
                           MOUNTS=str(self.root / "mounts"), SWAPS=str(self.root / "swaps"))
        return subprocess.run([ROOT / "boot" / "usb.sh", self.image, *arguments],
                              env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def computer(tmp_path):
    return Computer(tmp_path)


def refused(computer, device, words):
    before = device.read_bytes() if device.exists() else None
    run = computer.usb(device)
    print(run.stderr)
    assert run.returncode == 1 and words in run.stderr and "nothing was written" in run.stderr
    assert before is None or device.read_bytes() == before


def test_without_a_device_it_only_explains(computer):
    computer.disk("sda")
    stick = computer.disk("sdb", removable=1)
    run = computer.usb()
    print(run.stdout)
    assert run.returncode == 0 and "/dev/sdb" in run.stdout and "/dev/sda" not in run.stdout
    assert "make usb DEVICE=" in run.stdout
    assert not any(stick.read_bytes())


def test_no_stick_at_all(computer):
    computer.disk("sda")
    assert "none" in computer.usb().stdout


@pytest.mark.parametrize("disk", [{"removable": 1}, {"bus": "pci0000:00/usb2/2-1"}])
def test_a_stick_is_written(computer, disk):
    stick = computer.disk("sdb", **disk)
    run = computer.usb(stick)
    assert run.returncode == 0 and "written and compared" in run.stdout, run
    assert stick.read_bytes() == IMAGE + bytes(len(IMAGE))


def test_a_built_in_disk_is_refused(computer):
    refused(computer, computer.disk("nvme0n1"), "is not removable and not on USB")


def test_a_partition_is_refused(computer):
    computer.disk("sdb", removable=1)
    (computer.root / "sys" / "class" / "block" / "sdb1").mkdir()
    (computer.root / "sys" / "class" / "block" / "sdb1" / "partition").write_text("1\n")
    refused(computer, computer.device("sdb1"), "is a partition")


def test_a_mounted_stick_is_refused(computer):
    stick = computer.disk("sdb", removable=1)
    (computer.root / "mounts").write_text(f"{stick}1 /media/stick vfat rw 0 0\n")
    refused(computer, stick, "is mounted: /media/stick")


def test_a_stick_with_swap_space_is_refused(computer):
    stick = computer.disk("sdb", removable=1)
    (computer.root / "swaps").write_text(
        f"Filename Type Size Used Priority\n{stick}2 partition 9 0 -2\n")
    refused(computer, stick, "has swap space in use")


@pytest.mark.parametrize("part", ["", "sdb1/"])
def test_a_stick_under_luks_is_refused(computer, part):
    """Then what is mounted is /dev/mapper/NAME."""
    stick = computer.disk("sdb", removable=1)
    (computer.root / "sys" / "block" / "sdb" / f"{part}holders" / "dm-0").mkdir(parents=True)
    refused(computer, stick, "is in use")


def test_a_disk_without_a_size_is_refused(computer):
    stick = computer.disk("sdb", removable=1)
    (computer.root / "sys" / "block" / "sdb" / "size").unlink()
    refused(computer, stick, "has no size")


def test_a_write_protected_stick_is_refused(computer):
    refused(computer, computer.disk("sdb", removable=1, ro=1), "is write-protected")


def test_a_small_stick_is_refused(computer):
    refused(computer, computer.disk("sdb", removable=1, size=10), "is too small")


def test_no_disk_and_nothing_at_all(computer):
    refused(computer, computer.device("null"), "is no disk")
    refused(computer, computer.root / "dev" / "sdz", "does not exist")
