# SPDX-License-Identifier: MIT
"""The screen: pictures of it, compared by the text that stands on them."""

import os
import re
import shutil
import subprocess
import time

import pytest

from harness.machine import BUILD, PANIC, ROOT, Machine, read_text
from harness.screen import Watched

DONE, HALTED = r"power off, status \d+", "paranoid: halted"


def show(lines):
    print("\n".join(line for line in lines if line))


def wrapped(lines, columns):
    """As a screen shows them."""
    return [line[at:at + columns].rstrip() for line in lines
            for at in range(0, max(len(line), 1), columns)]


def serial(machine):
    return read_text(machine.output).replace("\r", "").splitlines()


def page(machine):
    """The panic page as COM1 got it."""
    lines = serial(machine)
    first = next(i for i, line in enumerate(lines) if "paranoid: panic:" in line)
    return lines[first:]


def colours_of(screen, text, needle):
    """The colour of the first character of each line that begins with needle."""
    return {screen.cell_colour(len(line) - len(line.lstrip()), row)
            for row, line in enumerate(text) if line.lstrip().startswith(needle)}


def check_test_run(machine, screen):
    text = screen.text()
    show(text)
    above = [line for line in text[:-1] if line]
    columns = 80 if len(text) == 25 else 160
    assert above == [line for line in wrapped(serial(machine), columns) if line][-len(above):]
    assert text[-1].startswith("[####################] 2 of 2: 2 passed, 0 failed, 0 skipped")
    assert screen.cell_colour(0, len(text) - 1) == "green"
    assert colours_of(screen, text, "ok ") == {"green"}
    assert colours_of(screen, text, "# ") == {"grey"}


def test_test_run_on_a_framebuffer():
    """What COM1 got last is what one sees, with colours, and the progress below it."""
    machine = Machine("screen-run", boot="bios", append="-- run-tests smoke")
    with Watched(machine, "--stay") as watched:
        watched.wait_for(DONE)
        check_test_run(watched, watched.picture())


@pytest.mark.full
def test_test_run_in_text_mode():
    machine = Machine("screen-run-text", boot="bios", append="-- run-tests smoke")
    with Watched(machine, "--stay", "--gfx", "text") as watched:
        watched.wait_for(DONE)
        check_test_run(watched, watched.text_mode())


def check_panic(machine, screen, columns):
    text = screen.text()
    show(text)
    expected = wrapped(page(machine), columns)[:len(text)]
    assert [line for line in text if line] == [line for line in expected if line]
    assert text[0].startswith("paranoid: panic: MEM-1 violated: null pointer")
    assert screen.cell_colour(0, 0) == "red" and screen.cell_colour(0, 1) == "grey"
    for words in (r"invariant MEM-1 .*CPU 0 of 1", r"rip 0010:\w+ ktest_panic_fault\+0x",
                  r"r13 \w+  r14 \w+  r15", r"GS base \w+ \(kernel, CPU 0\) is live",
                  r"the other \w+ \(not kernel\), in KERNEL_GS_BASE",
                  r"IST 1 #DF \w+ ok +2 NMI \w+ ok", r"code:( \w\w)+ <\w\w>",
                  r"last: switch to thread \d+",
                  r"ktest_run\+0x"):
        assert re.search(words, "\n".join(text)), words


def test_panic_in_text_mode():
    """One screen of 80 x 25, the same text as on COM1; and the picture shows those characters."""
    machine = Machine("screen-panic-text", boot="bios", append="ktest=panic_fault")
    with Watched(machine, "--stay", "--gfx", "text") as watched:
        watched.wait_for(HALTED)
        screen = watched.text_mode()
        check_panic(watched, screen, 80)
        shapes = screen.shapes()
        assert all(len(pictures) == 1 for pictures in shapes.values()), shapes.keys()
        assert len({min(p) for p in shapes.values()}) == len(shapes), "two characters look alike"


@pytest.mark.full
@pytest.mark.parametrize("gfx", ["1280x800x32", "1024x768x24", "800x600x16", "640x480x15"])
def test_panic_on_a_framebuffer(gfx):
    machine = Machine(f"screen-panic-{gfx}", boot="bios", append="ktest=panic_fault")
    with Watched(machine, "--stay", "--gfx", gfx) as watched:
        watched.wait_for(HALTED)
        picture = watched.picture()
        assert gfx.startswith(f"{picture.width}x{picture.height}")
        if gfx.endswith(("15", "16")):      # five bits of a colour: not quite the same shade
            text = [line for line in picture.text() if line]
            show(text)
            assert text == [line for line in wrapped(page(watched), picture.width // 8) if line][
                :len(text)]
        else:
            check_panic(watched, picture, picture.width // 8)


@pytest.mark.full
def test_boot_is_shown_from_its_first_line():
    """What is refused before paging is on is seen as well, and in red."""
    machine = Machine("screen-refused", boot="bios", append="nonsense")
    with Watched(machine, "--stay") as watched:
        watched.wait_for(HALTED)
        picture = watched.picture()
        text = [line for line in picture.text() if line]
        show(text)
        assert text == [line for line in serial(watched) if line][-len(text):]
        assert 'paranoid: fatal: unknown or malformed boot option "nonsense"' in text[0]
        assert picture.cell_colour(len("[    0.000000] "), 0) == "red"


@pytest.fixture
def menu_entry(tmp_path, monkeypatch):
    """An image whose menu boots the entry with that number at once."""
    def make(number):
        (tmp_path / "boot").mkdir()
        for name in ("mkiso.sh", "grub.cfg"):
            shutil.copy(ROOT / "boot" / name, tmp_path / "boot" / name)
        menu = tmp_path / "boot" / "grub.cfg"
        text = menu.read_text().replace("default=0", f"default={number}")
        menu.write_text(text.replace("timeout=2", "timeout=0"))
        subprocess.run([tmp_path / "boot" / "mkiso.sh", tmp_path / "paranoid.iso",
                        BUILD / "paranoid.elf", BUILD / "initramfs.cpio"], check=True,
                       env=dict(os.environ, SHELL_CPIO=str(BUILD / "shell.cpio")))
        for name in ("paranoid.elf", "initramfs.cpio"):
            (tmp_path / name).symlink_to(BUILD / name)
        monkeypatch.setenv("BUILD", str(tmp_path))
    return make


@pytest.mark.full
def test_menu_shell_is_typed_to_on_the_keyboard(menu_entry):
    """Without any serial port: the answer is on the screen."""
    menu_entry(3)
    with Watched(Machine("menu-shell", boot="bios"), "--stay", "--no-serial") as watched:
        wait_for_screen(watched, "~ #")
        watched.type("uname\n")
        text = wait_for_screen(watched, "\nLinux\n")
        show(text.splitlines()[-6:])


@pytest.mark.full
def test_menu_safe_graphics(menu_entry):
    menu_entry(4)
    with Watched(Machine("menu-safe", boot="bios"), "--stay") as watched:
        watched.wait_for("# Subtest: 64/")
        text = watched.text_mode().text()
        show(text)
        assert text[-1].startswith("[....................] ")


def wait_for_screen(watched, words, seconds=120):
    """Until words stand on the screen: there is no other sign of life."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = "\n".join(watched.picture().text())
        if words in text:
            return text
        time.sleep(0.5)
    raise AssertionError(f"no {words!r} on the screen:\n{text}")


PANICS = {
    "panic_assertion": [r"panic: LOCK-2 violated", r"rip \w+ ktest_panic_assertion\+0x"],
    "panic_stack": [r"panic: STACK-1 violated: kernel stack at \w+ overflowed",
                    r"IST 1 #DF \w+ ok IN USE", r"the same \d+ times more", r"ktest_panic_stack"],
    "panic_gs": [r"panic: MEM-2 violated", r"GS base ffff800000000000 \(not kernel\) is live"],
    "panic_twice": [r"panic: MEM-1 violated", r"panic within the panic: #GP"],
    "panic_nmi": [r"panic: NMI-2 violated", r"2 NMI \w+ ok IN USE", r"nmi_handler\+0x"],
}


@pytest.mark.parametrize("how", PANICS)
@pytest.mark.parametrize("mode", [pytest.param("", id="fsgsbase"),
                                  pytest.param("nofsgsbase ", id="nofsgsbase",
                                               marks=pytest.mark.full)])
def test_panic_comes_out_whole(how, mode):
    """Whatever stack, GS base and handler it comes from, and even if the report itself breaks."""
    cpus = 1 if mode else 2
    result = Machine(f"{how}-{cpus}", cpus=cpus, append=f"{mode}ktest={how}").run()
    assert result.status == PANIC, result.explain()
    at = result.output.index("paranoid: panic:")
    report = result.output[at:].replace("\r", "")
    print(report)
    for words in PANICS[how]:
        assert re.search(words, report), f"no {words!r}: {result.explain()}"
    assert report.count("paranoid: panic:") == 1
