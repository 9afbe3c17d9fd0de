from pathlib import Path

import av
import pytest

from everyframe.bench.synthetic import write_clip
from everyframe.errors import StorageError


def test_a_clip_to_measure_speed_on(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "new" / "park.mp4", seconds=1, fps=10, size=(96, 54))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (96, 54)
        assert stream.average_rate == 10
        assert sum(1 for _ in container.decode(stream)) == 10


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        write_clip(tmp_path / "file" / "park.mp4", seconds=1, fps=10, size=(96, 54))
