# SPDX-License-Identifier: MIT
"""The machine matrix: each row of tests/machines.py ends as it says."""

import pytest

import machines

ROWS = [pytest.param(row, id=row.name.replace(" ", "_"),
                     marks=() if row.usual else pytest.mark.full) for row in machines.ROWS]


@pytest.mark.parametrize("row", ROWS)
def test_machine(row):
    good, words, details = machines.boot(row)
    print(words)
    assert good, details


def test_page_lists_every_machine():
    """docs/HARDWARE.md was made from these rows: "make machines" after a change."""
    page = machines.PAGE.read_text().partition(machines.BEGIN)[2].partition(machines.END)[0]
    names = [line.split("|")[1].strip() for line in page.splitlines()[2:]]
    assert names == [row.name for row in machines.ROWS]
