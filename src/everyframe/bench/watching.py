"""Watching as something whose speed can be measured beside decoding (:mod:`everyframe.bench.speed`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from everyframe.anomaly.baseline import Baseline
from everyframe.bench.speed import decode, one_thread
from everyframe.watching import learn, watch


def watchers(path: str | Path) -> dict[str, Callable[[Path], int]]:
    """Return what watches a file from decoding to events, with either kind of motion and default settings.

    The baselines are learned from the file itself, here and not while the time is taken: what is measured is
    watching.

    Args:
        path: A video file.

    Returns:
        ``watch`` and ``watch_codec``; each takes the path and returns how many frames it watched.

    Raises:
        SourceError: The file cannot be read.
        SettingError: It holds too little to learn from.
    """
    frames = decode(path)
    with one_thread():
        return {
            "watch": _watcher(learn(path), frames),
            "watch_codec": _watcher(learn(path, motion="codec"), frames),
        }


def _watcher(baseline: Baseline, frames: int) -> Callable[[Path], int]:
    def run(path: Path) -> int:
        for _ in watch(path, baseline):
            pass
        return frames

    return run
