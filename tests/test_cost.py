# SPDX-License-Identifier: MIT
"""What a boot costs, in guest instructions counted by QEMU itself:
exact, whatever the host does."""

import re
import subprocess

import pytest

from harness.machine import BUILD, ROOT, TROUBLE, Machine

KERNEL = BUILD / "paranoid.elf"
INIT = BUILD / "user" / "sbin" / "init"
LIMIT = 10_000_000


def address(path, pattern, *readelf):
    text = subprocess.run(["readelf", *readelf, path], capture_output=True, text=True,
                          check=True).stdout
    return int(re.search(pattern, text).group(1), 16)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The initramfs, filled up to 2 MiB."""
    folder = tmp_path_factory.mktemp("cost")
    data = (BUILD / "initramfs.cpio").read_bytes()
    (folder / "filler").write_bytes(bytes(range(256)) * (max(0, (2 << 20) - len(data)) // 256))
    subprocess.run(["python3", ROOT / "user" / "mkcpio.py", folder / "more",
                    f"{folder}/filler:/filler"], check=True)
    path = folder / "initrd"
    path.write_bytes(data + (folder / "more").read_bytes())
    return path


def boot_cost(archive, mem, tmp_path, cpu="max"):
    """Instructions from the kernel's first one to the first one of init."""
    counts = tmp_path / "counts"
    entry = address(KERNEL, r"LOAD\s+0x\w+\s+(0x\w+)", "-lW")   # the boot segment comes first
    user = address(INIT, r"Entry point address:\s+(0x\w+)", "-h")
    plugin = (f"{BUILD}/host/icnt.so,out={counts},first=kernel:{entry:x}:{entry + 0xfff:x},"
              f"first=user:{user:x}:{user:x}")
    result = Machine(f"cost-{mem}-{cpu}", cpus=1, mem=mem, icount=True, initrd=archive, cpu=cpu,
                     append="-- true", qemu=["-plugin", plugin, "-seed", "1"]).run()
    if result.status == TROUBLE and "plugin requires API version" in result.errors:
        pytest.skip("this QEMU has another plugin interface: " + result.errors.strip())
    assert result.status == 0, result.explain()
    at = dict(re.findall(r"first (\w+) (\d+) \d+", counts.read_text()))
    return int(at["user"]) - int(at["kernel"])


def test_kernel_entry_to_first_user_instruction(archive, tmp_path, record_property):
    cost = boot_cost(archive, 256, tmp_path)
    record_property("instructions", cost)
    print(f"boot: {cost:,} instructions")
    assert cost <= LIMIT


def test_old_cpu(archive, tmp_path, record_property):
    """Without 1 GiB pages, fast string operations and FSGSBASE."""
    cost = boot_cost(archive, 256, tmp_path, cpu="qemu64-v1")
    record_property("instructions", cost)
    assert cost <= LIMIT


def test_boot_does_not_grow_with_memory(archive, tmp_path, record_property):
    small, large = (boot_cost(archive, mem, tmp_path) for mem in (256, 2048))
    record_property("instructions", f"{small} with 256 MiB, {large} with 2 GiB")
    assert large <= small * 1.1 + 100_000


def test_same_boot_costs_the_same(archive, tmp_path):
    assert boot_cost(archive, 256, tmp_path) == boot_cost(archive, 256, tmp_path)
