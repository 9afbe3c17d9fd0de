from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from everyframe.bench.dataset import load
from everyframe.bench.synthetic import write_clip, write_dataset
from everyframe.errors import StorageError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(
        tmp_path_factory.mktemp("park"), train_seconds=4, test=("cyclist",), fps=4, size=(96, 54)
    )


def test_is_a_set_that_can_be_loaded(root: Path) -> None:
    data = load(root)
    assert (data.name, data.fps, len(data.train), len(data.test)) == ("synthetic-park", 4.0, 2, 1)
    lengths = [frames.size for entry in data.train if (frames := data.frames(entry)) is not None]
    assert lengths == [8, 8]


def test_labels_say_what_masks_show(root: Path) -> None:
    data = load(root)
    (entry,) = data.test
    labels = data.labels(entry)
    assert 0 < labels.sum() < len(labels)
    for at, abnormal in enumerate(labels):
        mask = data.mask(entry, at)
        assert mask is not None
        assert mask.shape == (54, 96)
        assert mask.any() == abnormal


def test_the_anomaly_is_where_the_mask_says(root: Path) -> None:
    data = load(root)
    (entry,) = data.test
    at = int(np.flatnonzero(data.labels(entry)).mean())
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(entry.source.iterdir())]
    usual = np.median(np.stack([p for p in pictures if p is not None]), axis=0)
    picture, mask = pictures[at], data.mask(entry, at)
    assert picture is not None
    assert mask is not None
    unlike = np.abs(picture - usual)
    assert unlike[mask].mean() > 2 * unlike[~mask].mean()


def test_the_same_arguments_draw_the_same(root: Path, tmp_path: Path) -> None:
    again = write_dataset(tmp_path, train_seconds=4, test=("cyclist",), fps=4, size=(96, 54))
    for name in ("train/02/00003.png", "labels/01.csv", "dataset.json"):
        assert (again / name).read_bytes() == (root / name).read_bytes()
    assert (root / "train/01/00003.png").read_bytes() != (root / "train/02/00003.png").read_bytes()


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
        write_dataset(tmp_path / "file", train_seconds=1, fps=4, size=(96, 54))
    with pytest.raises(StorageError, match="cannot be written"):
        write_clip(tmp_path / "file" / "park.mp4", seconds=1, fps=10, size=(96, 54))
