"""What workers are copied from is shared, and stays so."""

from __future__ import annotations

import subprocess
import sys

_FORKED = """
import gc, os
from pathlib import Path
import everyframe.live.preload

def private() -> int:
    told = [line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()]
    return sum(int(words[1]) for words in told if words[0].startswith("Private_"))

pid = os.fork()
if pid == 0:
    before = private()
    gc.collect()
    print((private() - before) / 1024, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""


def test_a_full_collection_copies_next_to_nothing() -> None:
    told = subprocess.run([sys.executable, "-c", _FORKED], capture_output=True, text=True, check=True)
    assert float(told.stdout) < 8.0  # MB; without freezing it is some 50
