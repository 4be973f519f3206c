# SPDX-License-Identifier: MIT
"""Every user test passes on Linux: what it expects is Linux's behaviour, not an opinion."""

import pytest

from harness import ktap, oracle


@pytest.mark.parametrize("program", oracle.programs())
def test_on_linux(program, cases):
    test = oracle.run(program)
    cases(test.cases)
    if test.verdict == ktap.SKIP:
        pytest.skip("; ".join(case.reason for case in test.cases))
    assert test.verdict == ktap.PASS, test.reason + "\n" + "\n".join(test.log)
