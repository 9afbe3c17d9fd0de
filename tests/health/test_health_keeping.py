"""The file of what is usual for a camera: the same after it was kept, and refused where it is not whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.health.wall import SIZE, Camera, between, play, told_once

from everyframe.errors import BaselineCorrupt
from everyframe.health import HealthKind, HealthWatcher, keeping
from everyframe.health.keeping import keep, kept
from everyframe.types import StreamInfo


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep what is usual after half a minute."""
    watcher = HealthWatcher(StreamInfo("wall", *SIZE))
    play(watcher, Camera(utc=1e9).frames(30.0))
    path = tmp_path_factory.mktemp("health") / "gate.health"
    keep(path, watcher.save())
    return path


def test_what_is_kept_comes_back_as_it_was(file: Path, watcher: HealthWatcher) -> None:
    watcher.restore(kept(file))
    again = watcher.save()
    for name, array in kept(file).items():
        np.testing.assert_array_equal(array, again[name], err_msg=name)


def test_a_view_that_was_turned_meanwhile_is_no_new_view(file: Path) -> None:
    turned = between(0.0, 20.0, lambda luma: np.roll(luma, (20, 50), axis=(0, 1)))
    fresh, knowing = (HealthWatcher(StreamInfo("wall", *SIZE)) for _ in range(2))
    assert play(fresh, Camera(turned).frames(19.0)) == []
    knowing.restore(kept(file))
    told_once(play(knowing, Camera(turned).frames(40.0)), HealthKind.MOVED, 0.0, 20.0)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_wrong_with_the_file_is_refused(file: Path, data: st.DataObject) -> None:
    whole = file.read_bytes()
    where = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        wrong = whole[:where]
    else:
        wrong = whole[:where] + bytes([whole[where] ^ data.draw(st.integers(1, 255))]) + whole[where + 1 :]
    damaged = file.with_name("damaged.health")
    damaged.write_bytes(wrong)
    with pytest.raises(BaselineCorrupt, match="learned anew"):
        kept(damaged)


def test_a_later_version_and_what_is_not_there_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gate.health"
    with pytest.raises(BaselineCorrupt, match="cannot be read"):
        kept(path)
    monkeypatch.setattr(keeping, "FORMAT", 2)
    keep(path, {"usual": np.zeros(3)})
    monkeypatch.undo()
    with pytest.raises(BaselineCorrupt, match="another version"):
        kept(path)
