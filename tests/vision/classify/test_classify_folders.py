from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vision.classify.drawn import folder, picture, write

from everyframe.errors import DatasetError
from everyframe.vision.classify.folders import (
    Labelled,
    check,
    folds_of,
    held_out,
    pictures_in,
    read_folder,
)

COUNTS = st.lists(st.integers(2, 30), min_size=2, max_size=5)


def examples(counts: list[int]) -> list[Labelled]:
    return [Labelled(Path("one.png"), label) for label, count in enumerate(counts) for _ in range(count)]


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    folder(tmp_path, 3, ("stripes", "discs"))
    write(tmp_path / "discs" / "deep" / "more.PNG", picture("discs", 9))
    (tmp_path / "discs" / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden").mkdir()
    found = read_folder(tmp_path)
    assert found.classes == ("discs", "stripes")
    assert found.counts() == [4, 3]
    assert found.measured == ()
    assert {one.path.parent.name for one in found.train if one.label == 1} == {"stripes"}


@pytest.mark.parametrize("other", ["val", "test", "Validation"])
def test_train_and_what_is_measured_on(tmp_path: Path, other: str) -> None:
    folder(tmp_path / "train", 4)
    folder(tmp_path / other, 2)
    found = read_folder(tmp_path)
    assert (len(found.train), len(found.measured)) == (8, 4)
    assert all(other in one.path.parts for one in found.measured)
    assert not any(other in one.path.parts for one in found.train)


def test_train_alone(tmp_path: Path) -> None:
    folder(tmp_path / "train", 2)
    assert read_folder(tmp_path).measured == ()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("nothing", "is no folder"),
        ("file", "is no folder"),
        ("empty", "has no folders in it"),
        ("loose", "has no folders in it"),
        ("one class", "has one class only, discs"),
        ("empty class", "stripes has no pictures"),
        ("too few", "stripes has 1 picture"),
        ("other classes", "squares, stripes"),
    ],
)
def test_what_cannot_be_learned_from_is_said(tmp_path: Path, case: str, words: str) -> None:
    place = tmp_path / "here"
    if case != "nothing":
        place.mkdir()
    if case == "file":
        place = write(place / "one.png", picture("discs", 1))
    elif case == "loose":
        write(place / "one.png", picture("discs", 1))
    elif case == "one class":
        folder(place, 2, ("discs",))
    elif case in ("empty class", "too few"):
        folder(place, 2, ("discs",))
        folder(place, 0 if case == "empty class" else 1, ("stripes",))
        (place / "stripes").mkdir(exist_ok=True)
    elif case == "other classes":
        folder(place / "train", 2)
        folder(place / "val", 2, ("discs", "squares"))
    with pytest.raises(DatasetError, match=words) as caught:
        read_folder(place)
    assert "\n" not in str(caught.value)


def test_a_damaged_picture_is_told_before_anything_else(tmp_path: Path) -> None:
    folder(tmp_path, 3)
    check(read_folder(tmp_path))
    last = tmp_path / "stripes" / "02.png"
    last.write_bytes(last.read_bytes()[:-40])
    opened: list[tuple[int, int]] = []
    with pytest.raises(DatasetError, match=r"02\.png"):
        check(read_folder(tmp_path), lambda done, of: opened.append((done, of)))
    assert opened == [(number, 6) for number in range(1, 6)]


def test_files_and_folders_become_pictures(tmp_path: Path) -> None:
    folder(tmp_path, 2, ("discs",))
    one = write(tmp_path / "alone.jpg", picture("discs", 5))
    odd = tmp_path / "odd.xyz"
    odd.write_text("named by hand, so it is tried")
    assert pictures_in([odd, one, tmp_path / "discs"]) == [
        odd,
        one,
        tmp_path / "discs" / "00.png",
        tmp_path / "discs" / "01.png",
    ]
    with pytest.raises(DatasetError, match="no-such"):
        pictures_in([tmp_path / "no-such"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="has no pictures"):
        pictures_in([tmp_path / "empty"])


@given(COUNTS, st.floats(0.05, 0.9), st.integers(0, 99))
def test_of_each_class_the_same_share_is_held_out(counts: list[int], share: float, seed: int) -> None:
    told = examples(counts)
    learned, held = held_out(told, share, seed)
    assert sorted(learned + held) == list(range(len(told)))
    left, out = Counter(told[one].label for one in learned), Counter(told[one].label for one in held)
    for label, count in enumerate(counts):
        assert left[label] >= 1
        assert out[label] >= 1
        assert abs(out[label] - share * count) <= 1.0 or left[label] == 1
    assert held_out(told, share, seed) == (learned, held)


@given(COUNTS, st.integers(2, 7), st.integers(0, 99))
def test_folds_hold_everything_once_and_classes_evenly(counts: list[int], folds: int, seed: int) -> None:
    told = examples(counts)
    found = folds_of(told, folds, seed)
    assert sorted(one for fold in found for one in fold) == list(range(len(told)))
    assert max(map(len, found)) - min(map(len, found)) <= 1
    for label, count in enumerate(counts):
        each = [sum(told[one].label == label for one in fold) for fold in found]
        assert max(each) - min(each) <= 1, count
