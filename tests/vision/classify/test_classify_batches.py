from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vision.classify.drawn import picture, write

from everyframe.errors import DatasetError
from everyframe.vision.classify.changing import Change, whole

pytest.importorskip("torch")

from everyframe.vision.classify import batches as made
from everyframe.vision.classify.batches import Album, as_they_are, batches, changing


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    place = tmp_path_factory.mktemp("pictures")
    return [write(place / f"{number}.png", picture("discs", number, (60, 90))) for number in range(7)]


@given(st.integers(2, 500), st.integers(2, 64))
def test_no_batch_is_of_one_picture(count: int, size: int) -> None:
    parts = np.array_split(np.arange(count), batches(count, size))
    assert min(map(len, parts)) >= 2
    assert max(map(len, parts)) <= max(3, 1.5 * size + 1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.integers(2, 5))
def test_every_picture_once_and_the_same_for_the_same_seed(paths: list[Path], seed: int, size: int) -> None:
    album, numbers = Album(paths, 32), [0, 2, 3, 5, 6]
    found = list(changing(album, numbers, Change(), (seed,), size))
    assert sorted(number for some, _ in found for number in some) == numbers
    for some, pictures in found:
        assert tuple(pictures.shape) == (len(some), 3, 32, 32)
    again = list(changing(album, numbers, Change(), (seed,), size))
    for (one, pictures), (other, others) in zip(found, again, strict=True):
        assert one == other
        assert pictures.equal(others)


def test_whole_pictures_come_in_order(paths: list[Path]) -> None:
    album = Album(paths, 32)
    (first, second) = as_they_are(album, [4, 1, 2], 40, 2)
    assert (len(first), len(second)) == (2, 1)
    expected = whole(album.picture(1), 40)
    assert np.array_equal(first[1].numpy().transpose(1, 2, 0), expected)


def test_what_has_no_room_is_read_anew(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    one = Album(paths, 32)
    kept = one.picture(0)
    assert kept.shape == (48, 72, 3)
    assert one.picture(0) is kept
    monkeypatch.setattr(made, "_ROOM", kept.nbytes + 10)
    small = Album(paths, 32)
    assert small.picture(0) is small.picture(0)
    assert small.picture(1) is not small.picture(1)
    assert np.array_equal(small.picture(1), one.picture(1))


def test_a_picture_that_went_away_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "one.png", picture("discs", 1))
    album = Album([path, path], 32)
    path.unlink()
    with pytest.raises(DatasetError, match=r"one\.png is not there"):
        list(changing(album, [0, 1], Change(), (0,), 2))
