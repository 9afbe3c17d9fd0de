from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

import numpy as np
import pytest
from models.motion.figures import deed, take
from numpy.typing import NDArray

from everyframe.highlights.clips import crop
from everyframe.highlights.looking import looks
from everyframe.vision import motion

Maps = Mapping[str, NDArray[np.float16]]

pytestmark = pytest.mark.xdist_group("motion")  # what they share is drawn once


@pytest.fixture(scope="module")
def takes() -> list[list[Maps]]:
    """Return four takes of each of six deeds that the network was not trained on."""
    found = []
    for number in range(6):
        what = deed(np.random.default_rng((11, number)))
        films = [take(what, np.random.default_rng((11, number, one))) for one in range(4)]
        found.append([crop(list(looks(film))).maps for film in films])
    return found


def test_it_tells_deeds_apart_that_it_never_saw(takes: list[list[Maps]]) -> None:
    seen = [[motion.embed(maps) for maps in several] for several in takes]
    middles = np.stack([np.mean(several[:3], axis=0) for several in seen])
    right = [int((middles @ several[3]).argmax()) == number for number, several in enumerate(seen)]
    assert np.mean(right) >= 0.5  # by chance one in six


def test_each_stream_has_an_embedding_of_length_one(takes: list[list[Maps]]) -> None:
    maps = takes[0][0]
    both = motion.embed(maps)
    assert both.shape == (2 * motion.WIDTH,)
    for number, stream in enumerate(motion.STREAMS):
        alone = motion.embed(maps, [stream])
        assert np.array_equal(alone, both[number * motion.WIDTH :][: motion.WIDTH])
        assert np.linalg.norm(alone) == pytest.approx(1.0, abs=1e-5)


def test_it_is_small_and_its_card_says_what_it_is() -> None:
    weights = files("everyframe.vision") / "weights"
    figures = json.loads((weights / "motion.json").read_text())
    model = (weights / "motion.onnx").read_bytes()
    assert len(model) == figures["bytes"] < 8_000_000
    card = (weights / "motion.md").read_text()
    for name in ("command", "seed", "hours", "takes", "deeds"):
        assert str(figures[name]) in card
    assert f"{figures['held_back']['accuracy']}" in card


def test_a_deed_is_drawn_the_same_by_the_same_seed_and_moves() -> None:
    what = deed(np.random.default_rng(3))
    one, again = ([frame.luma for frame in take(what, np.random.default_rng(4))] for _ in range(2))
    assert np.array_equal(one, again)
    other = [frame.luma for frame in take(what, np.random.default_rng(5))]
    assert not np.array_equal(one[0], other[0])
    assert np.mean(np.abs(np.diff(np.stack(one).astype(np.int16), axis=0)) > 25) > 0.001
