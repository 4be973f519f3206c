# SPDX-License-Identifier: MIT
"""libFuzzer on everything that is read from outside: bounded, from a fixed seed."""

import subprocess

import pytest

from harness import seeds
from harness.machine import BUILD, LOGS

RUNS, SECONDS = 20000, 5


def fuzz(target, tmp_path, runs, seconds):
    corpus = tmp_path / "corpus"
    seeds.write(target, corpus)
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"fuzz-{target}.out"
    with open(log, "w") as out:
        status = subprocess.run(
            [BUILD / "host" / f"fuzz-{target}", f"-runs={runs}", f"-max_total_time={seconds}",
             "-seed=1", "-max_len=8192", f"-artifact_prefix={LOGS}/fuzz-{target}-", corpus],
            stdout=out, stderr=subprocess.STDOUT).returncode
    text = log.read_text()
    assert status == 0 and "DONE" in text, text[-4000:]


@pytest.mark.parametrize("target", sorted(seeds.SEEDS))
def test_fuzz(target, tmp_path):
    fuzz(target, tmp_path, RUNS, SECONDS)


@pytest.mark.full
@pytest.mark.parametrize("target", sorted(seeds.SEEDS))
def test_fuzz_long(target, tmp_path):
    fuzz(target, tmp_path, -1, 120)
