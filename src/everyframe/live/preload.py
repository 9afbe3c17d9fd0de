"""What the process imports of which all workers are copies.

Whatever a worker never writes to is there once for all of them. A full garbage collection writes to every
object, so those that are there before the first worker are frozen: each camera's worker would copy some
50 MB of them sooner or later.
"""

from __future__ import annotations

import gc

import everyframe.live.worker

__all__: list[str] = []

assert everyframe.live.worker
gc.collect()
gc.freeze()
