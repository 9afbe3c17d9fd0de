"""The truth about the scene is true: who is where, how fast, and which pixels are an anomaly."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everyframe.sources.scene import ANOMALIES, Actor, ParkScene
from everyframe.sources.scene.camera import Camera
from everyframe.sources.scene.script import BETWEEN, LEAD
from everyframe.types import Box


@pytest.fixture(scope="module")
def story() -> ParkScene:
    return ParkScene(seed=3, fps=5, size=(320, 180), script="anomalies")


def within(box: Box, shape: tuple[int, ...], grow: int) -> tuple[slice, slice]:
    return (
        slice(max(0, box.y - grow), min(shape[0], box.y + box.height + grow)),
        slice(max(0, box.x - grow), min(shape[1], box.x + box.width + grow)),
    )


def test_every_kind_happens_once_with_normal_seconds_between(story: ParkScene) -> None:
    assert [s.kind for s in story.truth] == list(ANOMALIES)
    assert not any(s.fault for s in story.truth)
    assert story.truth[0].start >= LEAD - 0.5
    for one, other in pairwise(story.truth):
        assert other.start - one.end >= BETWEEN - 1.0
    assert story.info.duration is not None
    assert story.info.duration - story.truth[-1].end >= BETWEEN - 1.0
    assert 240 <= story.info.duration <= 320


def test_the_intervals_are_exactly_the_frames_whose_masks_show_something(story: ParkScene) -> None:
    for event in story.truth:
        first, last = round(event.start * 5), round(event.end * 5)
        assert story.masks(first).any()
        assert story.masks(last).any()
        assert not story.masks(first - 1).any()
        assert not story.masks(last + 1).any()
        middle = (first + last) // 2
        assert [a.kind for a in story.truth_at(middle) if a.anomalous] == [event.kind]


def test_faults_and_anomalies_do_not_coincide() -> None:
    scene = ParkScene(seed=8, fps=2, size=(160, 90), script="all")
    ordered = scene.truth
    assert len(ordered) == len({s.kind for s in ordered}) == 13
    assert all(a.end < b.start for a, b in pairwise(ordered))


def test_normal_footage_has_no_anomaly() -> None:
    scene = ParkScene(seed=3, duration=20, fps=2, size=(160, 90))
    assert scene.truth == []
    for index in range(40):
        assert not scene.masks(index).any()
        assert all(a.kind == "walker" and 0.8 < a.speed < 1.9 for a in scene.truth_at(index))


@pytest.mark.parametrize("kind", ANOMALIES)
def test_boxes_and_masks_hold_the_pixels_that_the_actor_changes(story: ParkScene, kind: str) -> None:
    event = next(s for s in story.truth if s.kind == kind)
    frames = range(round(event.start * 5), round(event.end * 5))
    index = next(i for i in frames[len(frames) // 3 :] if plain(story, i, kind))
    for actor in story.truth_at(index):
        if actor.visible < 0.9:
            continue  # where leaves or wheels hide somebody in part, he shines through
        luma = story.frame(index).luma.astype(int)
        change = luma - story.without(actor.member).frame(index).luma.astype(int)
        inside = np.zeros(luma.shape, bool)
        inside[within(actor.box, luma.shape, 2)] = True
        assert (change[~inside] <= 0).all(), "outside its box there is only its shadow"
        if actor.anomalous:
            mask = story.masks(index)
            assert not mask[~inside].any()
            assert (change[mask] != 0).mean() > 0.7


def plain(story: ParkScene, index: int, kind: str) -> bool:
    odd = [a for a in story.truth_at(index) if a.kind == kind]
    return len(odd) == 1 and odd[0].visible > 0.9


def test_a_walker_who_stays_away_changes_nothing_but_himself(story: ParkScene) -> None:
    actors = story.truth_at(40)
    left = story.without(actors[0].member)
    assert actors[0].member not in {a.member for a in left.truth_at(40)}
    assert {a.member for a in left.truth_at(40)} == {a.member for a in actors[1:]}
    assert len(story.truth_at(40)) == len(actors)


def foot(camera: Camera, box: Box) -> tuple[float, float]:
    x, z = camera.ground(np.array(box.x + box.width / 2), np.array(float(box.y + box.height)))
    return float(x), float(z)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("cyclist", 4.7, 5.3), ("runner", 3.2, 3.6), ("cart", 2.3, 2.7), ("wrong_way", 1.1, 1.7)],
)
def test_speeds_in_the_picture_match_the_speeds_in_the_world(
    story: ParkScene, kind: str, low: float, high: float
) -> None:
    event = next(s for s in story.truth if s.kind == kind)
    camera = Camera.of_size(320, 180)
    seen: list[tuple[float, Actor]] = []
    for index in range(round(event.start * 5), round(event.end * 5)):
        odd = [a for a in story.truth_at(index) if a.anomalous]
        if not odd:
            continue  # behind a tree
        (actor,) = odd
        assert low <= actor.speed <= high
        # Near enough for a pixel to be little, and wholly in the picture.
        if actor.visible > 0.99 and actor.box.height > 26 and actor.box.y + actor.box.height < 178:
            seen.append((story.time(index), actor))
    (t0, first), (t1, last) = seen[0], seen[-1]
    (x0, z0), (x1, z1) = foot(camera, first.box), foot(camera, last.box)
    assert t1 - t0 > 1
    assert np.hypot(x1 - x0, z1 - z0) / (t1 - t0) == pytest.approx(first.speed, rel=0.15)


def test_figures_are_as_high_as_their_distance_says(story: ParkScene) -> None:
    camera = Camera.of_size(320, 180)
    heights = []
    for index in range(0, 400, 20):
        for actor in story.truth_at(index):
            if actor.kind == "walker" and actor.visible > 0.99 and actor.box.y + actor.box.height < 178:
                x, z = foot(camera, actor.box)
                _, depth = camera.project(np.array([x, 0.0, z]))
                heights.append(actor.box.height * float(depth) / camera.focal)
    assert len(heights) > 20
    assert np.percentile(heights, 5) > 1.45
    assert np.percentile(heights, 95) < 2.0


def test_loiterer_and_suitcase_stay_where_they_are(story: ParkScene) -> None:
    camera = Camera.of_size(320, 180)
    for kind, metres in (("loitering", 3.0), ("abandoned", 0.8)):
        event = next(s for s in story.truth if s.kind == kind)
        assert event.end - event.start > 20
        begin, end = round((event.start + 5) * 5), round((event.end - 5) * 5)
        places = [
            foot(camera, a.box)
            for i in range(begin, end)
            for a in story.truth_at(i)
            if a.anomalous and a.visible > 0.9
        ]
        assert len(places) > 0.5 * (end - begin)
        assert np.ptp(np.array(places), axis=0).max() < metres


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    size=st.sampled_from([(160, 90), (160, 120), (120, 120), (210, 90)]),
    script=st.sampled_from(["normal", "trespass", "abandoned", "cyclist"]),
)
def test_nobody_pops_in_or_out(seed: int, size: tuple[int, int], script: str) -> None:
    fps = 8
    scene = ParkScene(
        seed=seed, duration=None if script != "normal" else 25, fps=fps, size=size, script=script
    )
    assert scene.info.frames is not None
    begin = round((LEAD - 6) * fps) if script != "normal" else 0
    before: dict[int, Actor] = {}
    for index in range(begin, min(scene.info.frames, begin + 25 * fps)):
        now = {a.member: a for a in scene.truth_at(index)}
        if index > begin:
            for member in now.keys() ^ before.keys():
                actor = now.get(member) or before[member]
                box = actor.box
                at_border = (
                    box.x <= 0 or box.y <= 0 or box.x + box.width >= size[0] or box.y + box.height >= size[1]
                )
                assert at_border or actor.visible < 0.9, (index, actor)
        before = now
