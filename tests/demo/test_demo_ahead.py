from __future__ import annotations

import itertools
import os
import signal

import numpy as np
import pytest

from everyframe.demo.ahead import Ahead
from everyframe.sources.scene import ParkScene
from everyframe.types import Frame, Replayable, Source

ARGUMENTS = {"seed": 5, "duration": 6.3, "fps": 10, "size": (160, 90), "start_utc": 1000.0}


def test_it_is_the_same_scene_frame_for_frame() -> None:
    ahead, scene = Ahead(**ARGUMENTS), ParkScene(**ARGUMENTS)  # type: ignore[arg-type]
    pairs = list(itertools.zip_longest(ahead, scene))
    assert len(pairs) == 63
    for one, other in pairs:
        assert isinstance(one, Frame)
        assert isinstance(other, Frame)
        assert (one.index, one.time, one.utc) == (other.index, other.time, other.utc)
        np.testing.assert_array_equal(one.luma, other.luma)
    np.testing.assert_array_equal(pairs[40][0].rgb(), pairs[40][1].rgb())  # type: ignore[union-attr]


def test_it_is_a_source_whose_past_can_be_read_again() -> None:
    ahead = Ahead(**ARGUMENTS)
    assert isinstance(ahead, Source)
    assert isinstance(ahead, Replayable)
    assert [frame.index for frame in ahead.between(1.0, 1.25)] == [10, 11, 12]


def test_it_is_drawn_in_place_on_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr("everyframe.demo.ahead.ProcessPoolExecutor", None)  # would fail if it were used
    assert len(list(Ahead(**ARGUMENTS))) == 63


def test_it_can_be_left_half_way_and_the_drawing_process_ends() -> None:
    import multiprocessing

    frames = iter(Ahead(**(ARGUMENTS | {"duration": 600.0})))
    next(frames)
    (child,) = multiprocessing.active_children()
    frames.close()  # type: ignore[attr-defined]
    child.join(10)
    assert not child.is_alive()


def test_ctrl_c_is_not_for_the_drawing_process() -> None:
    import multiprocessing

    frames = iter(Ahead(**ARGUMENTS))
    next(frames)
    (child,) = multiprocessing.active_children()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGINT)
    assert len(list(frames)) == 62
