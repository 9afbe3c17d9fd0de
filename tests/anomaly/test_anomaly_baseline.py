"""The file that holds what is normal."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from everyframe.anomaly import Baseline, Scorer
from everyframe.anomaly.baseline import FORMAT
from everyframe.errors import BaselineCorrupt, BaselineMismatch, SourceNotFound, StorageError
from everyframe.types import StreamInfo

if TYPE_CHECKING:
    from tests.anomaly.conftest import Yard

START = 8 + 32  # magic word and checksum


@pytest.fixture(scope="module")
def data(yard: Yard) -> bytes:
    return yard.learn(60.0).to_bytes()


def scores(baseline: Baseline, yard: Yard) -> list[tuple[float, float]]:
    scorer = Scorer(Baseline.from_bytes(baseline.to_bytes()))
    found = [one for field in yard.fields(30.0, seed=4) for one in scorer.step(field)]
    return [(one.score, one.p_value) for one in found + scorer.flush()]


def rewritten(data: bytes, **changes: object) -> bytes:
    """Return a baseline whose header says something else, with a right checksum."""
    body = data[START:]
    length = int.from_bytes(body[:8], "little")
    header = json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["everyframe"])
    text = json.dumps({**header, **changes})
    return signed(save(load(body), metadata={"everyframe": text}))


def signed(body: bytes) -> bytes:
    return b"EVERYFRM" + hashlib.sha256(body).digest() + body


def test_a_saved_baseline_scores_bit_for_bit_the_same(
    yard_baseline: Baseline, yard: Yard, tmp_path: Path
) -> None:
    yard_baseline.save(tmp_path / "yard.baseline")
    again = Baseline.load(tmp_path / "yard.baseline")
    assert scores(again, yard) == scores(yard_baseline, yard)
    assert again.about == yard_baseline.about
    assert again.settings == yard_baseline.settings
    assert again.perspective == yard_baseline.perspective
    assert again.to_bytes() == yard_baseline.to_bytes()


def test_says_what_it_learned_from(yard_baseline: Baseline) -> None:
    about = yard_baseline.about
    assert about.sources == ["yard.mp4"]
    assert about.seconds == pytest.approx(240.0, abs=1.0)
    assert (about.width, about.height, about.motion, about.detector) == (160, 120, "flow", "density")
    assert about.hours[24] == pytest.approx(about.seconds, abs=0.1)
    assert yard_baseline.calibrated_seconds == pytest.approx(240.0, rel=0.2)


@given(st.data())
def test_every_flipped_bit_is_noticed(data: bytes, draw: st.DataObject) -> None:
    position = draw.draw(st.integers(0, len(data) - 1))
    damaged = bytearray(data)
    damaged[position] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(BaselineCorrupt) as caught:
        Baseline.from_bytes(bytes(damaged), "yard.baseline")
    assert "\n" not in str(caught.value)
    assert "yard.baseline" in str(caught.value)


@given(st.data())
def test_a_truncated_file_is_noticed(data: bytes, draw: st.DataObject) -> None:
    with pytest.raises(BaselineCorrupt):
        Baseline.from_bytes(data[: draw.draw(st.integers(0, len(data) - 1))])


@given(st.binary(max_size=500))
def test_what_is_signed_but_no_baseline_is_refused(body: bytes) -> None:
    with pytest.raises(BaselineCorrupt):
        Baseline.from_bytes(signed(body))


@pytest.mark.parametrize(
    "changes",
    [
        {"about": {}},
        {"settings": {"rate": 5.0, "over": 0.2, "longest": 0.65, "pixels": 8_000}},
        {"settings": {"pixels": 4_000}},
        {"tails": 99},
        {"settings": {"speed": 3}},
        {"background": None},
    ],
    ids=str,
)
def test_a_header_that_makes_no_sense_is_refused(data: bytes, changes: dict[str, object]) -> None:
    with pytest.raises(BaselineCorrupt):
        Baseline.from_bytes(rewritten(data, **changes))


def test_a_baseline_of_a_later_version_says_so(data: bytes) -> None:
    assert Baseline.from_bytes(rewritten(data, format=FORMAT)).about.width == 160
    with pytest.raises(BaselineCorrupt, match="later Everyframe: update"):
        Baseline.from_bytes(rewritten(data, format=FORMAT + 1))


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.place,)


@pytest.mark.parametrize("sign", [False, True])
def test_a_pickle_is_never_run(tmp_path: Path, sign: bool) -> None:
    trace = tmp_path / "exploded"
    bomb = pickle.dumps(Bomb(trace))
    pickle.loads(bomb)
    assert trace.exists()  # it works
    trace.unlink()
    path = tmp_path / "bomb.baseline"
    path.write_bytes(signed(bomb) if sign else bomb)
    with pytest.raises(BaselineCorrupt):
        Baseline.load(path)
    assert not trace.exists()


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match="everyframe learn"):
        Baseline.load(tmp_path / "nothing.baseline")
    with pytest.raises(BaselineCorrupt, match="cannot be read"):
        Baseline.load(tmp_path)


def test_nothing_half_written_is_left_where_it_cannot_be_saved(
    yard_baseline: Baseline, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(StorageError):
        yard_baseline.save(blocked / "yard.baseline")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("size", [(160, 121), (120, 160), (320, 240)])
def test_another_size_does_not_fit(yard_baseline: Baseline, size: tuple[int, int]) -> None:
    with pytest.raises(BaselineMismatch, match=rf"{size[0]}x{size[1]}.*160x120.*everyframe learn"):
        yard_baseline.check(StreamInfo("gate.mp4", *size))


def test_what_is_loaded_goes_on_learning(yard_baseline: Baseline, yard: Yard) -> None:
    again = Baseline.from_bytes(yard_baseline.to_bytes())
    before = again.detector.exposure_.copy()
    again.detector.observe(np.zeros((0, 8), np.float32), float("nan"))
    assert again.detector.exposure_.sum() == before.sum() + 1
