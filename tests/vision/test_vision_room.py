"""Room on a disk is made sure of before long work."""

from __future__ import annotations

from pathlib import Path

import pytest

from everyframe.errors import StorageError
from everyframe.vision.room import make_sure


def test_there_is_room_and_nothing_stays(tmp_path: Path) -> None:
    make_sure(tmp_path / "model.onnx", 1 << 16)
    assert not list(tmp_path.iterdir())


def test_what_no_disk_takes_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"Cannot write .*model\.onnx: "):
        make_sure(tmp_path / "model.onnx", 1 << 60)
    assert not list(tmp_path.iterdir())
    with pytest.raises(StorageError, match="its folder does not exist"):
        make_sure(tmp_path / "nowhere" / "model.onnx", 1)
