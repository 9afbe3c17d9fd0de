from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.vision.dense.small_segmenters import GROUNDS, at_random, by_colour

from everyframe.errors import DatasetError, ModelError
from everyframe.vision.dense.segmenter import Segmenter, look_of, shipped


def scene(height: int = 60, width: int = 80) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a picture of sky over road with a tree and a car, with noise, and its truth."""
    truth = np.zeros((height, width), np.uint8)
    truth[height // 2 :] = 1
    truth[height // 4 : height // 2, : width // 4] = 2
    truth[-height // 4 : -height // 8, width // 2 : -width // 4] = 3
    noise = np.random.default_rng(5).normal(0, 8, (height, width, 3))
    picture = np.clip(np.array(GROUNDS.colours)[truth] + noise, 0, 255).astype(np.uint8)
    return picture, truth


def test_every_pixel_gets_its_class() -> None:
    network = Segmenter(by_colour())
    picture, truth = scene()
    assert network.classes == GROUNDS
    assert network.about.size == (60, 80)
    told = network.predict(picture)
    assert told.dtype == np.uint8
    np.testing.assert_array_equal(told, truth)
    logits = network.logits(picture)
    assert logits.shape == (4, 60, 80)
    assert logits.dtype == np.float32
    np.testing.assert_array_equal(logits.argmax(axis=0), truth)


def test_confidence_is_the_softmax_of_the_class_that_is_told() -> None:
    network = Segmenter(by_colour())
    picture, _ = scene()
    logits = network.logits(picture).astype(np.float64)
    chance = np.exp(logits) / np.exp(logits).sum(axis=0)
    seen = network.look(picture)
    np.testing.assert_array_equal(seen.mask, network.predict(picture))
    np.testing.assert_allclose(seen.confidence, chance.max(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(network.confidence(picture), seen.confidence)
    assert 0.25 < seen.confidence.min() <= seen.confidence.max() <= 1.0
    same = look_of(np.full((3, 2, 2), 1e4, np.float32), (2, 2))
    assert (same.mask == 0).all()
    assert same.confidence == pytest.approx(1 / 3)


def test_a_picture_may_be_a_file_and_more_threads_say_the_same(tmp_path: Path) -> None:
    picture, truth = scene()
    path = tmp_path / "street.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    (tmp_path / "street.onnx").write_bytes(by_colour())
    network = Segmenter(tmp_path / "street.onnx", threads=2)
    np.testing.assert_array_equal(network.predict(path), truth)
    np.testing.assert_array_equal(network.predict(str(path)), truth)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DatasetError, match=r"street\.png"):
        network.predict(path)


@given(st.integers(1, 7), st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_scores_are_read_as_numpy_reads_them(classes: int, height: int, width: int, seed: int) -> None:
    logits = np.random.default_rng(seed).normal(0, 4, (classes, height, width)).astype(np.float32)
    told = look_of(logits, (height, width))
    chance = np.exp(logits.astype(np.float64))
    chance /= chance.sum(axis=0)
    np.testing.assert_array_equal(told.mask, logits.argmax(axis=0))
    np.testing.assert_allclose(told.confidence, chance.max(axis=0), rtol=1e-4)
    np.testing.assert_array_equal(look_of(logits, (height, width), confidence=False).mask, told.mask)


def test_a_picture_is_seen_at_another_size_and_told_in_its_own() -> None:
    picture, truth = scene()
    large = np.repeat(np.repeat(picture, 5, axis=0), 5, axis=1)
    wanted = np.repeat(np.repeat(truth, 5, axis=0), 5, axis=1)
    network = Segmenter(by_colour(), side=80)
    assert network.logits(large).shape == (4, 60, 80)
    assert network.logits(picture).shape == (4, 60, 80)  # never made larger
    told = network.look(large)
    assert told.mask.shape == told.confidence.shape == (300, 400)
    assert (told.mask != wanted).mean() < 0.02
    # By default the model itself says at which size; nought is as it is.
    assert Segmenter(by_colour(changed={"side": 80})).logits(large).shape == (4, 60, 80)
    assert Segmenter(by_colour(changed={"side": 80}), side=0).logits(large).shape == (4, 300, 400)
    tiled = Segmenter(by_colour(), side=200, whole=9_000).look(large)
    assert (tiled.mask != wanted).mean() < 0.03
    assert tiled.confidence.shape == (300, 400)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 64), (100, 37)])
def test_any_size_is_taken(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.uint8)
    assert Segmenter(at_random()).predict(picture).shape == size


def test_a_large_picture_goes_by_tiles_and_equals_the_whole() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (203, 330, 3)).astype(np.uint8)
    whole = Segmenter(at_random()).look(picture)
    parts = Segmenter(at_random(), whole=14_000).look(picture)
    np.testing.assert_array_equal(parts.mask, whole.mask)
    np.testing.assert_allclose(parts.confidence, whole.confidence, rtol=1e-5)
    # Without margins it shows that there were tiles.
    seams = Segmenter(at_random(), whole=14_000, margin=0).predict(picture) != whole.mask
    assert 0.001 < seams.mean() < 0.2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"format": 2}, "later format"),
        ({"classes": ["a", "b"]}, "2 classes have 4 colours"),
        ({"classes": ["a"], "colours": [[0, 0, 0]]}, "tells 4 classes apart and names 1"),
        ({"colours": [[0, 0, 999]] * 4}, "a colour that cannot be"),
        ({"stride": 0}, "a size that cannot be"),
        ({"size": [360]}, "is damaged"),
        ({"about": "x"}, "is damaged"),
    ],
)
def test_what_a_model_says_of_itself_is_checked(changed: dict[str, Any], says: str) -> None:
    refused(by_colour(changed=changed), says)


@pytest.mark.parametrize(
    ("metadata", "says"),
    [("", "none that `everyframe segment export` wrote"), ("{", "is damaged"), ("[]", "is damaged")],
)
def test_a_model_that_says_nothing_of_itself_is_refused(metadata: str, says: str) -> None:
    refused(by_colour(metadata=metadata), says)


@pytest.mark.parametrize("cut", [0, 9, 200, -200])
def test_a_damaged_file_is_refused(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(by_colour()[:cut])
    assert "mine.onnx" in refused(path, "damaged, or no network")


def refused(model: bytes | Path, says: str) -> str:
    with pytest.raises(ModelError, match=says) as caught:
        Segmenter(model)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_network_of_another_kind_is_refused() -> None:
    from importlib.resources import files

    motion = (files("everyframe.vision") / "weights" / "motion.onnx").read_bytes()
    with pytest.raises(ModelError, match="none that `everyframe segment export` wrote"):
        Segmenter(motion)


def test_a_model_that_is_not_there_is_named_with_those_that_ship(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no such model; name .*the path of a file"):
        Segmenter(str(tmp_path / "streets"))
    with pytest.raises(ModelError, match="cannot be read"):
        Segmenter(tmp_path)
    assert "motion" not in shipped()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_told_by_its_shape(picture: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match=r"a picture is \(H, W, 3\) RGB of uint8"):
        Segmenter(by_colour()).predict(picture)
