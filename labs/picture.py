#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws a lab's picture: picture.py TEXT > SVG

    title WORDS
    step | NAME | NAME ...              one column each, in time
    LANE | STATE | STATE ...            what holds there; "!" in front: what is wrong or deceives
"""

import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP = 150, 44, 190, 90
STYLE = ("text{font:13px sans-serif;fill:#222}.t{font-size:17px}.s{font-family:monospace}"
         "rect{fill:#e8eef7;stroke:#456}rect.bad{fill:#f9d5c8;stroke:#a33}")


def read(path):
    title, rows = "", []
    for line in path.read_text().splitlines():
        if line.startswith("title "):
            title = line[6:]
        elif line and not line.startswith("#"):
            rows.append([cell.strip() for cell in line.split("|")])
    return title, rows


def words(x, y, text, kind="", anchor="middle"):
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def draw(title, rows):
    width, height = LEFT + WIDTH * (len(rows[0]) - 1) + 20, TOP + HEIGHT * (len(rows) - 1) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">',
           f"<style>{STYLE}</style>", words(20, 30, title, "t", "start")]
    for column, name in enumerate(rows[0][1:]):
        out.append(words(LEFT + WIDTH * column + WIDTH // 2, TOP - 14, name, "s"))
    for row, (lane, *states) in enumerate(rows[1:]):
        y = TOP + HEIGHT * row
        out.append(words(LEFT - 14, y + 27, lane, "", "end"))
        for column, state in enumerate(states):
            x, bad = LEFT + WIDTH * column, state.startswith("!")
            out.append(f'<rect x="{x}" y="{y + 2}" width="{WIDTH - 4}" height="{HEIGHT - 4}"'
                       + (' class="bad"/>' if bad else "/>"))
            out.append(words(x + WIDTH // 2 - 2, y + 27, state.lstrip("!")))
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    print(draw(*read(Path(sys.argv[1]))), end="")
