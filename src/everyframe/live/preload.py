"""What the process imports of which all workers are copies.

Whatever a worker never writes to is there once for all of them. A full garbage collection writes to every
object, so those that are there before the first worker are frozen: each camera's worker would copy some
50 MB of them sooner or later. What a worker loads only once it learns is loaded here for the same reason.
"""

from __future__ import annotations

import gc

import scipy.stats

import everyframe.live.worker
from everyframe.anomaly import ica, rbm, sparse

__all__: list[str] = []

assert everyframe.live.worker
assert scipy.stats
for detector in (ica, rbm, sparse):
    assert detector
gc.collect()
gc.freeze()
