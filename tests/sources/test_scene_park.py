"""The park as a source: it can be iterated again, replayed and looked into; its faults are gaps."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from everyframe.errors import SettingError
from everyframe.sources.scene import FAULTS, ParkScene
from everyframe.sources.scene.script import BETWEEN, LEAD
from everyframe.types import Frame, Gap, GapReason, Replayable, Source

SMALL = (160, 90)


def frames_of(scene: ParkScene) -> list[Frame]:
    return [item for item in scene if isinstance(item, Frame)]


def test_it_is_a_source_that_can_be_replayed() -> None:
    scene = ParkScene(seed=1, duration=2, size=SMALL)
    assert isinstance(scene, Source)
    assert isinstance(scene, Replayable)
    assert (scene.info.width, scene.info.height, scene.info.frames, scene.info.duration) == (160, 90, 20, 2.0)
    scene.close()
    scene.close()
    assert len(frames_of(scene)) == 20


def test_iterating_again_and_building_again_give_the_same_pictures() -> None:
    scene = ParkScene(seed=5, duration=3, size=SMALL)
    first, again, anew = (
        frames_of(scene),
        frames_of(scene),
        frames_of(ParkScene(seed=5, duration=3, size=SMALL)),
    )
    for a, b, c in zip(first, again, anew, strict=True):
        assert a.time == b.time == c.time
        assert np.array_equal(a.luma, b.luma)
        assert np.array_equal(a.luma, c.luma)
    other = frames_of(ParkScene(seed=6, duration=3, size=SMALL))
    assert not np.array_equal(first[0].luma, other[0].luma)


def test_a_longer_scene_begins_like_a_shorter_one() -> None:
    short, long = ParkScene(seed=2, duration=4, size=SMALL), ParkScene(seed=2, duration=60, size=SMALL)
    assert np.array_equal(short.frame(39).luma, long.frame(39).luma)


def test_between_equals_iteration_also_across_faults() -> None:
    scene = ParkScene(seed=4, fps=5, size=SMALL, script="stutter,dropout")
    start, end = LEAD - 1.0, LEAD + BETWEEN + 10.0
    iterated = [f for f in scene if isinstance(f, Frame) and start <= f.time <= end]
    replayed = list(scene.between(start, end))
    assert [f.index for f in iterated] == [f.index for f in replayed]
    assert len({f.index for f in replayed}) < round((end - start) * 5), "the faults leave frames out"
    for a, b in zip(iterated, replayed, strict=True):
        assert a.time == b.time
        assert np.array_equal(a.luma, b.luma)


def test_between_includes_both_ends_and_is_empty_outside() -> None:
    scene = ParkScene(seed=1, duration=3, size=SMALL)
    assert [f.index for f in scene.between(1.0, 1.2)] == [10, 11, 12]
    assert list(scene.between(50.0, 60.0)) == []
    assert [f.index for f in scene.between(-3.0, 0.0)] == [0]


def test_time_is_exact_for_uneven_rates_and_utc_where_a_clock_is_set() -> None:
    scene = ParkScene(duration=2, fps=Fraction(30000, 1001), size=SMALL, start_utc=1_700_000_000.0)
    frame = scene.frame(30)
    assert frame.time == pytest.approx(30 * 1001 / 30000, abs=1e-9)
    assert frame.utc == 1_700_000_000.0 + frame.time
    assert ParkScene(duration=2, size=SMALL).frame(1).utc is None


def test_colour_has_the_luma_that_the_frame_has() -> None:
    scene = ParkScene(seed=3, fps=5, script="covered", size=(240, 136))
    for index in (0, 100):
        frame = scene.frame(index)
        rgb = frame.rgb()
        assert rgb.shape == (136, 240, 3)
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(int)
        wrong = np.abs(grey - frame.luma.astype(int))
        assert wrong.mean() < 1.0
        assert np.percentile(wrong, 99.5) <= 4
    saturation = np.ptp(scene.frame(0).rgb().astype(int), axis=2).mean()
    assert saturation > 30, "it is in colour"


def test_lost_frames_are_a_gap() -> None:
    scene = ParkScene(seed=1, fps=5, size=SMALL, script="dropout")
    (truth,) = scene.truth
    gaps = [g for g in scene if isinstance(g, Gap)]
    assert [g.reason for g in gaps] == [GapReason.MISSING]
    assert gaps[0].start == pytest.approx(truth.start - 0.2)
    assert gaps[0].end == pytest.approx(truth.end + 0.2)
    assert not any(truth.start <= f.time <= truth.end for f in frames_of(scene))


@pytest.mark.parametrize(("kind", "last"), [("stutter", GapReason.DUPLICATE), ("freeze", GapReason.FREEZE)])
def test_repeated_frames_are_gaps_and_a_long_repeat_is_a_freeze(kind: str, last: GapReason) -> None:
    scene = ParkScene(seed=1, fps=5, size=SMALL, script=kind)
    (truth,) = scene.truth
    items = list(scene)
    gaps = [g for g in items if isinstance(g, Gap)]
    assert {g.reason for g in gaps} <= {GapReason.DUPLICATE, GapReason.FREEZE}
    assert gaps[-1].reason == last
    lost = sum(g.frames or 0 for g in gaps)
    assert lost == round((truth.end - truth.start) * 5) + 1
    assert len(items) - len(gaps) + lost == scene.info.frames


def test_switched_light_halves_the_brightness_at_once() -> None:
    scene = ParkScene(seed=1, fps=5, size=SMALL, script="light")
    (truth,) = scene.truth
    first, last = round(truth.start * 5), round(truth.end * 5)
    mean = {i: scene.frame(i).luma.mean() for i in (first - 1, first, last, last + 1)}
    assert mean[first] == pytest.approx(mean[first - 1] / 2, rel=0.05)
    assert mean[last] == pytest.approx(mean[last + 1] / 2, rel=0.05)


def test_a_covered_camera_is_dark_and_shows_nothing() -> None:
    scene = ParkScene(seed=1, fps=5, size=SMALL, script="covered")
    (truth,) = scene.truth
    index = round((truth.start + truth.end) / 2 * 5)
    covered, clear = scene.frame(index).luma, scene.frame(round(truth.start * 5) - 1).luma
    assert covered.mean() < 0.25 * clear.mean()
    assert cv2.Laplacian(covered, cv2.CV_32F).std() < 0.5 * cv2.Laplacian(clear, cv2.CV_32F).std()


def test_a_moved_camera_shifts_the_view_by_tens_of_pixels_and_back() -> None:
    scene = ParkScene(seed=1, fps=5, script="moved")
    (truth,) = scene.truth
    first, last = round(truth.start * 5), round(truth.end * 5)
    before, moved = (scene.frame(i).luma.astype(np.float32) for i in (first - 1, first))
    (dx, dy), _ = cv2.phaseCorrelate(before, moved)
    assert 30 < dx < 48
    assert -26 < dy < -12
    (dx, dy), _ = cv2.phaseCorrelate(before, scene.frame(last + 1).luma.astype(np.float32))
    assert abs(dx) < 1
    assert abs(dy) < 1


def test_every_fault_is_there_once_with_normal_seconds_between() -> None:
    scene = ParkScene(seed=9, fps=2, size=SMALL, script="faults")
    assert [s.kind for s in scene.truth] == list(FAULTS)
    assert all(s.fault for s in scene.truth)
    assert scene.truth[0].start >= LEAD
    for one, other in zip(scene.truth, scene.truth[1:], strict=False):
        assert other.start - one.end >= BETWEEN - 0.5


def test_a_frame_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError, match="frames 0 to 9"):
        ParkScene(duration=1, size=SMALL).frame(10)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"seed": -1}, "seed=-1"),
        ({"fps": 0}, "fps=0"),
        ({"fps": 200}, "fps=200"),
        ({"size": (20, 20)}, "size=20x20"),
        ({"size": (200, 400)}, "as wide as high"),
        ({"duration": 0.0}, "out of range"),
        ({"duration": float("nan")}, "out of range"),
        ({"script": "dragons"}, "cyclist"),
        ({"script": "cyclist,cyclist"}, "twice"),
        ({"script": "anomalies", "duration": 60.0}, r"takes \d\.\d minutes"),
    ],
)
def test_settings_out_of_range_are_refused_in_one_line(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(SettingError, match=says) as caught:
        ParkScene(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
