# SPDX-License-Identifier: MIT
"""The runner: "make test", or pytest-3 -c tests/pytest.ini tests -k WORDS."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness.machine import BUILD, ROOT  # noqa: E402  (after the path is set)


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="the whole matrix and the long runs")


def pytest_configure(config):
    if not config.option.xmlpath and not config.option.collectonly:
        config.option.xmlpath = str(BUILD / "test" / "junit.xml")


def pytest_sessionstart(session):
    """Whoever calls pytest by hand gets fresh programs too; "make test" has just built them."""
    if not session.config.option.collectonly and not os.environ.get("NOBUILD"):
        subprocess.run(["make", "-s", f"BUILD={BUILD}", "test-programs"], cwd=ROOT, check=True)


def pytest_collection_modifyitems(config, items):
    if config.option.full:
        return
    full = [item for item in items if item.get_closest_marker("full")]
    if full:
        items[:] = [item for item in items if item not in full]
        config.hook.pytest_deselected(items=full)


@pytest.fixture
def cases(record_property, capsys):
    """Puts the cases of a KTAP test into the report: one line and one property for each."""
    def show(tests, prefix=""):
        for test in tests:
            record_property(prefix + test.name, f"{test.verdict} {test.reason}".strip())
            print(f"{test.verdict:5} {prefix}{test.name} {test.reason}".rstrip())
    return show
