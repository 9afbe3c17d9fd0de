from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from tests.vision.dense.small_segmenters import GROUNDS, by_colour

from everyframe.errors import SourceNotFound, SourceUnreadable
from everyframe.motion import read_masks
from everyframe.types import Frame, Gap, GapReason, StreamInfo
from everyframe.vision.dense.classes import CAMVID, VOID, named
from everyframe.vision.dense.regions import MOST, propose
from everyframe.vision.dense.scene import (
    PICTURES,
    Spread,
    ground_of,
    middle,
    scene_classes,
    scene_picture,
)
from everyframe.vision.dense.segmenter import Segmenter

Bytes = NDArray[np.uint8]
SKY, ROAD, TREE, CAR = range(4)


def street() -> Bytes:
    """Return sky above a road, with trees at its left that reach down to the road."""
    told = np.full((120, 160), SKY, np.uint8)
    told[60:] = ROAD
    told[10:60, :50] = TREE
    return told


class Camera:
    """A camera that sees a car in another place each second; it can be read once, as a stream is."""

    def __init__(self, seconds: int, live: bool = True, empty: bool = False) -> None:
        self.seconds, self.empty, self.closed, self.read = seconds, empty, False, 0
        self.info = StreamInfo("camera", 160, 120, Fraction(2), live=live)

    def __iter__(self) -> Iterator[Frame | Gap]:
        yield Gap(0.0, 0.0, GapReason.STALL)
        for number in range(0 if self.empty else 2 * self.seconds):
            self.read += 1
            yield self.frame(number)

    def frame(self, number: int) -> Frame:
        told = street()
        left = 12 * (number // 2) % 140
        told[80:110, left : left + 24] = CAR
        rgb = np.array(GROUNDS.colours, np.uint8)[told]
        return Frame(number, number / 2, np.zeros((120, 160), np.uint8), to_rgb=lambda: rgb)

    def close(self) -> None:
        self.closed = True


class Recording(Camera):
    """The same as a file, which can be looked into anywhere."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds, live=False)
        self.info = StreamInfo("recording", 160, 120, Fraction(2), 2 * seconds, float(seconds))
        self.times: list[float] = []

    def between(self, start: float, end: float) -> Iterator[Frame]:
        for number in range(2 * self.seconds):
            if start <= number / 2 <= end:
                self.times.append(number / 2)
                yield self.frame(number)


def test_passers_by_vanish_from_a_camera_and_it_is_not_looked_at_for_longer_than_asked() -> None:
    camera = Camera(60)
    picture = scene_picture(camera, seconds=12.0)
    np.testing.assert_array_equal(picture, np.array(GROUNDS.colours, np.uint8)[street()])
    assert camera.closed
    assert camera.read < 2 * 16


def test_a_recording_is_looked_at_from_end_to_end() -> None:
    recording = Recording(600)
    picture = scene_picture(recording)
    np.testing.assert_array_equal(picture, np.array(GROUNDS.colours, np.uint8)[street()])
    assert min(recording.times) < 60
    assert max(recording.times) > 540
    assert len(recording.times) == 15


def test_a_source_without_a_picture_says_so() -> None:
    with pytest.raises(SourceUnreadable, match="camera: there is no picture in it"):
        scene_picture(Camera(1, empty=True))
    with pytest.raises(SourceNotFound):
        scene_picture("no-such.mp4")


@given(st.integers(1, 7), st.integers(1, 70), st.integers(0, 99))
def test_the_middle_is_the_median(count: int, height: int, seed: int) -> None:
    pictures = list(np.random.default_rng(seed).integers(0, 256, (count, height, 3, 3)).astype(np.uint8))
    told = middle(pictures)
    if count % 2:
        np.testing.assert_array_equal(told, np.median(pictures, axis=0))
    assert ((np.stack(pictures) <= told).sum(axis=0) * 2 >= count).all()


def test_what_is_parked_is_no_part_of_the_scene() -> None:
    told = street()
    told[70:100, 60:120] = CAR
    picture = np.array(GROUNDS.colours, np.uint8)[told]
    network = Segmenter(by_colour())
    assert (network.predict(picture) == CAR).any()
    scene = scene_classes(picture, network)
    assert set(np.unique(scene)) <= {SKY, ROAD, TREE}
    np.testing.assert_array_equal(scene[told != CAR], told[told != CAR])
    moving = by_colour(named(["car", "Person"]))
    assert (scene_classes(picture, Segmenter(moving)) == VOID).all()


def covered(polygons: list[tuple[tuple[float, float], ...]], shape: tuple[int, int]) -> Bytes:
    there = np.zeros(shape, np.uint8)
    for polygon in polygons:
        points = np.rint(np.array(polygon) * (shape[1] - 1, shape[0] - 1)).astype(np.int32)
        cv2.fillPoly(there, [points], 1)
    return there


def test_the_road_becomes_a_zone_and_trees_and_sky_masks_without_what_is_above_the_road() -> None:
    found = propose(street(), GROUNDS)
    (road,) = found.zones
    assert road.name == "road"
    assert road.share == pytest.approx(0.5, abs=0.03)
    np.testing.assert_allclose(covered([road.polygon], (120, 160)).mean(), 0.5, atol=0.03)
    assert {mask.name for mask in found.masks} == {"sky", "tree"}
    masked = covered([mask.polygon for mask in found.masks], (120, 160))
    assert masked[:38].mean() > 0.9
    assert masked[44:].mean() < 0.02  # heads of those on the road
    assert read_masks([mask.polygon for mask in found.masks])


def test_what_is_green_below_the_road_may_be_lawn_and_is_not_masked() -> None:
    told = street()
    told[90:, :] = TREE
    found = propose(told, GROUNDS)
    masked = covered([mask.polygon for mask in found.masks], told.shape)
    assert masked[:38].mean() > 0.9
    assert masked[44:].mean() < 0.02
    # Without any ground only the upper half is.
    masks = propose(np.full((120, 160), TREE, np.uint8), GROUNDS).masks
    assert covered([mask.polygon for mask in masks], told.shape)[62:].mean() == 0.0


def test_two_roads_are_two_zones_the_larger_first_and_specks_are_none() -> None:
    told = np.full((120, 160), SKY, np.uint8)
    told[80:, :60] = ROAD
    told[60:, 100:] = ROAD
    told[:3, 80:83] = ROAD
    found = propose(told, GROUNDS)
    assert [zone.name for zone in found.zones] == ["road", "road-2"]
    assert found.zones[0].share > found.zones[1].share
    assert propose(told, GROUNDS, least=0.3).zones == ()


def test_a_hole_stays_a_hole() -> None:
    told = np.full((120, 160), ROAD, np.uint8)
    told[40:90, 60:110] = CAR  # an island, say
    found = propose(told, GROUNDS)
    there = covered([zone.polygon for zone in found.zones], told.shape)
    assert there[50:80, 70:100].mean() < 0.05
    assert there[told == ROAD].mean() > 0.93


@given(arrays(np.uint8, (9, 12), elements=st.sampled_from([0, 3, 4, 5, 8, VOID])))
def test_whatever_the_scene_polygons_can_be_drawn_and_cover_their_class(coarse: Bytes) -> None:
    scene = np.repeat(np.repeat(coarse, 16, axis=0), 16, axis=1)
    found = propose(scene, CAMVID)
    for kind in (found.zones, found.masks):
        assert len(kind) <= MOST
        assert len({region.name for region in kind}) == len(kind)
        for region in kind:
            assert 3 <= len(region.polygon) <= 40
            assert all(0.0 <= value <= 1.0 for point in region.polygon for value in point)
            number = CAMVID.names.index(region.name.rsplit("-")[0])
            here = scene[covered([region.polygon], scene.shape) > 0]
            assert (here == number).mean() > 0.6


def test_the_ground_is_what_things_move_on() -> None:
    names, places = ground_of(street(), GROUNDS)
    assert names == ("road",)
    assert places.shape == (120, 160)
    assert (places[60:] == 0).all()
    assert (places[:60] == VOID).all()
    large = np.repeat(np.repeat(street(), 4, axis=0), 4, axis=1)
    np.testing.assert_array_equal(ground_of(large, GROUNDS)[1], places)
    assert ground_of(np.full((10, 10), SKY, np.uint8), GROUNDS)[0] == ()


@pytest.mark.parametrize("seconds", [4, 60, 900])
def test_pictures_are_kept_from_all_of_the_footage_and_never_too_many(seconds: int) -> None:
    spread = Spread()
    assert spread.picture() is None
    camera = Recording(seconds)
    read: list[int] = []

    def noted(number: int) -> Frame:
        frame = camera.frame(number)
        rgb = frame.rgb()

        def asked() -> Bytes:
            read.append(number)
            return rgb

        return Frame(number, frame.time, frame.luma, to_rgb=asked)

    for number in range(2 * seconds):
        spread.step(noted(number))
    assert len(spread._seen) < 2 * PICTURES
    assert len(read) < PICTURES * 12  # colour costs more than decoding
    assert max(read) > 2 * seconds * 0.7
    if seconds >= 60:
        np.testing.assert_array_equal(spread.picture(), np.array(GROUNDS.colours, np.uint8)[street()])
