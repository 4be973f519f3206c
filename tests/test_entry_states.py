# SPDX-License-Identifier: MIT
"""R2.33: the table of states beside the entry code, the linked kernel, and the table in
docs/ENTRY.md say the same."""

import re

import pytest

from harness import entrystates
from harness.machine import BUILD, ROOT

KERNEL = BUILD / "paranoid.elf"


@pytest.fixture(scope="module")
def states():
    return entrystates.States(KERNEL)


def test_every_instruction_is_in_its_state(states):
    problems, count = states.compare()
    assert not problems, "\n".join(problems)
    print(f"{count} instructions, {len(states.rows)} rows")
    assert count > 1800


@pytest.mark.parametrize("wrong", [("exception_common.gs_load", "kernel"),
                                   ("iret_to_user", "kernel"),
                                   ("paranoid_exit.restored", "kernel"), ("gs_load_site", "any")])
def test_a_wrong_row_is_noticed(states, monkeypatch, wrong):
    rows = [(at, row._replace(gs=wrong[1]) if row.label == wrong[0] else row)
            for at, row in states.rows]
    assert rows != states.rows
    monkeypatch.setattr(states, "rows", rows)
    assert states.compare()[0]


def test_the_table_in_the_documentation(states):
    """`python3 tests/tools/entry_states.py` prints it."""
    text = (ROOT / "docs" / "ENTRY.md").read_text()
    table = re.search(r"\n(\| GS \| stack \|.*?\n)(?!\|)", text, re.S)
    assert table and table.group(1).splitlines() == list(entrystates.markdown(states))
