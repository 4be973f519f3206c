# SPDX-License-Identifier: MIT
"""The result of a run as something to type in: from the guest's screen to the host's words."""

import importlib.util
import re
import subprocess
import sys

from harness.machine import ROOT, Machine

TOOL = ROOT / "tests" / "tools" / "result-code.py"


def load_tool():
    spec = importlib.util.spec_from_file_location("result_code", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load_tool()


def test_code_says_what_the_report_says():
    result = Machine("code", cpus=2, append="nofsgsbase -- run-tests smoke").run()
    code = re.search("# result code: (.*)", result.output).group(1).strip()
    fields = tool.decode(code)
    print(code, fields)
    assert fields, code
    assert (fields["passed"], fields["failed"], fields["skipped"]) == (2, 0, 0)
    assert (fields["cpus"], fields["fsgsbase"], fields["first_failed"]) == (2, 0, 0)
    assert fields["digest"] == tool.digest([("64/smoke", 0), ("32/smoke", 0)])
    text = subprocess.run([sys.executable, TOOL, code.lower().replace("-", "")],
                          capture_output=True, text=True, check=True).stdout
    assert text.startswith("2 tests: 2 passed, 0 failed, 0 skipped\n2 CPUs of "), text
    check_typing_errors(code.replace("-", ""))


def check_typing_errors(code):
    """One wrong character, or two neighbours exchanged: never taken for a code."""
    wrong = {code[:i] + c + code[i + 1:] for i in range(20) for c in tool.ALPHABET}
    wrong |= {code[:i] + code[i + 1] + code[i] + code[i + 2:] for i in range(19)}
    wrong.discard(code)
    assert len(wrong) > 600 and not [w for w in wrong if tool.decode(w)]


def test_a_mistyped_code_is_refused():
    run = subprocess.run([sys.executable, TOOL, "12345-12345"], capture_output=True, text=True,
                         check=False)
    assert run.returncode == 2 and "no result code" in run.stdout, run
