# SPDX-License-Identifier: MIT
"""What stands on a machine's screen, as text: pictures that QEMU takes, read with the console's
own font; or, in VGA text mode, whose font belongs to the video card, the video memory."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

from .machine import BUILD, LOGS, ROOT, read_text, session_cpu_seconds

WIDTH, HEIGHT = 8, 16
VGA_WIDTH, VGA_HEIGHT, VGA_TEXT = 9, 16, 0xb8000
COLOURS = {(0xaa, 0xaa, 0xaa): "grey", (0xff, 0xff, 0xff): "white", (0x55, 0xff, 0x55): "green",
           (0xff, 0x55, 0x55): "red", (0xff, 0xff, 0x55): "yellow"}
ATTRIBUTES = {0x07: "grey", 0x0f: "white", 0x0a: "green", 0x0c: "red", 0x0e: "yellow"}


def glyphs():
    """The font that is linked into the kernel: 16 rows of pixels -> character."""
    data = (BUILD / "font.psf").read_bytes()[4:]
    return {tuple(data[HEIGHT * code:][:HEIGHT]): chr(code) for code in range(126, 31, -1)}


class Picture:
    """A screen dump: binary PPM."""

    def __init__(self, path):
        header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", path.read_bytes())
        self.width, self.height = int(header.group(1)), int(header.group(2))
        self.data = path.read_bytes()[header.end():]
        # One byte a pixel: no colour of text is without red.
        lit = bytes([ord("0")] + [ord("1")] * 255)
        self.red = self.data[0::3].translate(lit)

    def rows(self, x, y, width, height):
        """A rectangle's pixels, a number for each row."""
        starts = [(y + i) * self.width + x for i in range(height)]
        return tuple(int(self.red[at:at + width], 2) for at in starts)

    def colour(self, x, y, width, height):
        """The first lit pixel of a rectangle."""
        for i in range(height):
            at = (y + i) * self.width + x
            lit = self.red[at:at + width].find(b"1")
            if lit >= 0:
                return tuple(self.data[3 * (at + lit):3 * (at + lit) + 3])
        return None

    def text(self):
        """Lines, read with the console's font; what is no glyph of it becomes U+FFFD."""
        font = glyphs()
        lines = []
        for y in range(0, self.height - HEIGHT + 1, HEIGHT):
            cells = [font.get(self.rows(x, y, WIDTH, HEIGHT), "\ufffd")
                     for x in range(0, self.width - WIDTH + 1, WIDTH)]
            lines.append("".join(cells).rstrip())
        return lines

    def cell_colour(self, column, row):
        return COLOURS.get(self.colour(column * WIDTH, row * HEIGHT, WIDTH, HEIGHT))


@dataclass
class TextMode:
    """The cells of VGA text mode, and the picture that the card made of them."""
    cells: bytes
    picture: Picture

    def text(self):
        characters = self.cells[0::2].decode("latin-1")
        return [characters[at:at + 80].rstrip() for at in range(0, 80 * 25, 80)]

    def cell_colour(self, column, row):
        return ATTRIBUTES.get(self.cells[2 * (80 * row + column) + 1])

    def shapes(self):
        """Character -> the set of its pictures: one each, if the picture shows these cells."""
        shapes = {}
        for row, line in enumerate(self.text()):
            for column, c in enumerate(line):
                shapes.setdefault(c, set()).add(self.picture.rows(
                    column * VGA_WIDTH, row * VGA_HEIGHT, VGA_WIDTH, VGA_HEIGHT))
        return shapes


class Monitor:
    """QEMU's control socket."""

    def __init__(self, path, process):
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + 60
        while True:
            try:
                self.socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert process.poll() is None and time.monotonic() < end, "no control socket"
                time.sleep(0.1)
        self.socket.settimeout(60)
        self.stream = self.socket.makefile("rw")
        self.events = []
        self.stream.readline()
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            answer = json.loads(self.stream.readline())
            if "event" in answer:
                self.events.append(answer)
            if "return" in answer or "error" in answer:
                assert "return" in answer, answer
                return answer["return"]


class Watched:
    """A machine that runs beside the test until the block ends: wait for words, take pictures."""

    def __init__(self, machine, *arguments):
        self.name, self.arguments = machine.name, [*machine.arguments, *arguments]

    def __enter__(self):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.output, self.errors = (LOGS / f"{self.name}.{end}" for end in ("out", "err"))
        # Sockets have short names: relative to the working directory.
        self.control = LOGS / f"{self.name}.qmp"
        self.control.unlink(missing_ok=True)
        with open(self.output, "wb") as out, open(self.errors, "wb") as err:
            self.process = subprocess.Popen(
                [str(ROOT / "run-qemu.sh"), "--timeout", "0", "--qemu", "-S", "--qemu", "-qmp",
                 "--qemu",
                 f"unix:{os.path.relpath(self.control, ROOT)},server=on,wait=off",
                 *self.arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=ROOT, start_new_session=True)
        here = os.getcwd()
        os.chdir(ROOT)
        try:
            self.monitor = Monitor(os.path.relpath(self.control, ROOT), self.process)
        finally:
            os.chdir(here)
        self.monitor.command("cont")    # it waited, so that no event is missed
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        except ProcessLookupError:
            pass
        self.process.wait()
        self.control.unlink(missing_ok=True)

    def wait_for(self, words, busy=60, quiet=180):
        """Until COM1 has said words.  The limits are those of harness/machine.py."""
        since, cpu, size = time.monotonic(), session_cpu_seconds(self.process.pid), -1
        while not re.search(words, read_text(self.output)):
            new = self.output.stat().st_size
            used = session_cpu_seconds(self.process.pid)
            if new != size:
                since, cpu, size = time.monotonic(), used, new
            assert self.process.poll() is None, self.explain(f"ended before {words!r}")
            assert used - cpu < busy, self.explain(f"busy, but no {words!r}")
            assert time.monotonic() - since < quiet, self.explain(f"no {words!r}")
            time.sleep(0.2)

    def wait_for_shutdown(self, seconds=120):
        """Until the guest has switched itself off or reset itself: QEMU's word for which."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.monitor.command("query-status")["status"]
            reasons = [event["data"]["reason"] for event in self.monitor.events
                       if event["event"] == "SHUTDOWN"]
            if status == "shutdown" and reasons:
                return reasons[-1]
            time.sleep(0.1)
        raise AssertionError(self.explain("neither off nor reset"))

    def explain(self, what):
        tail = "\n".join(read_text(self.output).splitlines()[-40:])
        return f"{self.name}: {what}\n{read_text(self.errors)}{tail}"

    def type(self, text):
        """On the keyboard: letters, digits, blanks and LF."""
        names = {" ": "spc", "\n": "ret"}
        for c in text:
            key = {"type": "qcode", "data": names.get(c, c)}
            self.monitor.command("send-key", keys=[key])
            time.sleep(0.15)    # QEMU holds a key for a tenth of a second

    def picture(self, end="ppm"):
        path = LOGS / f"{self.name}.{end}"
        self.monitor.command("screendump", filename=str(path))
        return Picture(path)

    def text_mode(self):
        path = LOGS / f"{self.name}.cells"
        self.monitor.command("pmemsave", val=VGA_TEXT, size=2 * 80 * 25, filename=str(path))
        return TextMode(path.read_bytes(), self.picture())
