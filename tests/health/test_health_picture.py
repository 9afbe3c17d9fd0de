"""What the picture tells of the camera, and what it must not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.health.wall import SIZE, Camera, Effect, between, play, told_once, wall

from everyframe.health import HealthEvent, HealthKind, HealthSettings, HealthWatcher
from everyframe.types import Frame, Luma, StreamInfo


def watched(
    effect: Effect, seconds: float = 60.0, settings: HealthSettings | None = None
) -> list[HealthEvent]:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE), settings or HealthSettings())
    return play(watcher, Camera(effect).frames(seconds, 1.0))


def black(luma: Luma) -> Luma:
    return np.full_like(luma, 3)


def glare(luma: Luma) -> Luma:
    return np.full_like(luma, 254)


def cloth(luma: Luma) -> Luma:
    return (cv2.blur(luma, (81, 81)) * 0.2 + 40).astype(np.uint8)


def soft(luma: Luma) -> Luma:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 2.5), np.uint8)


def shifted(luma: Luma) -> Luma:
    return np.ascontiguousarray(np.roll(luma, (10, 40), (0, 1)))


@pytest.mark.parametrize(
    ("kind", "effect", "words"),
    [
        (HealthKind.DARK, black, "of 255 for 25 s; usually"),
        (HealthKind.BLINDED, glare, "of the picture overexposed for 25 s; usually"),
        (HealthKind.COVERED, cloth, "of what usually has contrast was flat for 25 s"),
        (HealthKind.DEFOCUSED, soft, "as sharp as usual for 25 s"),
        (HealthKind.MOVED, shifted, "12% of the width to the right and"),
    ],
)
def test_a_fault_is_told_when_it_begins_and_when_it_is_over(
    kind: HealthKind, effect: object, words: str
) -> None:
    assert callable(effect)
    told = watched(between(20.0, 45.0, effect))
    told_once(told, kind, 20.0, 45.0)
    assert words in told[1].text


def test_another_view_altogether_is_moved_once_it_stays() -> None:
    other = wall(seed=2)
    told = watched(between(20.0, 120.0, lambda luma: other), 140.0)
    told_once(told, HealthKind.MOVED, 20.0, 120.0)
    assert "nothing of the usual view" in told[0].text


def test_three_quarters_behind_a_hand_are_covered_once_it_stays() -> None:
    def hand(luma: Luma) -> Luma:
        return np.hstack([np.full_like(luma[:, :250], 90), luma[:, 250:]])

    told_once(watched(between(20.0, 60.0, hand), 80.0), HealthKind.COVERED, 20.0, 60.0)
    assert watched(between(20.0, 35.0, hand), 50.0) == []


def test_a_new_view_that_stays_becomes_the_usual_one() -> None:
    other = wall(seed=2)
    told = watched(
        lambda luma, time: luma if time < 20.0 else other, 200.0, settings=HealthSettings(accept_after=100.0)
    )
    assert [(event.kind, event.end is None) for event in told] == [
        (HealthKind.MOVED, True),
        (HealthKind.MOVED, False),
    ]


def lorry(luma: Luma, time: float) -> Luma:
    """Cross the picture, nearly as wide as it, with lettering on its side."""
    picture = luma.copy()
    left = round((time - 30.0) * 30.0)
    cv2.rectangle(picture, (left, 15), (left + 300, 179), 200, -1)
    for letter in range(6):
        cv2.rectangle(picture, (left + 20 + 45 * letter, 60), (left + 40 + 45 * letter, 120), 60, -1)
    return picture


def person(luma: Luma, time: float) -> Luma:
    """Stand right before the camera for a quarter of a minute."""
    picture = luma.copy()
    if 20.0 <= time < 35.0:
        middle = 150 + round(8 * np.sin(time))
        cv2.ellipse(picture, (middle, 190), (120, 130), 0, 0, 360, 50, -1)
        cv2.circle(picture, (middle, 50), 45, 150, -1)
    return picture


def clouds(luma: Luma, time: float) -> Luma:
    return (luma * float(0.7 + 0.3 * np.sin(time / 3.0))).astype(np.uint8)


def lamp(luma: Luma, time: float) -> Luma:
    """Be dim, until somebody switches the light on."""
    return (luma * (0.15 if time < 30.0 else 1.0)).astype(np.uint8)


def lamp_out(luma: Luma, time: float) -> Luma:
    return (luma * (1.0 if time < 30.0 else 0.15)).astype(np.uint8)


def infrared(luma: Luma, time: float) -> Luma:
    """Change to the lamps of the camera, by which what was light may be dark."""
    return luma if time < 30.0 else (255 - luma)


def rain(luma: Luma, time: float) -> Luma:
    picture = luma.copy()
    random = np.random.default_rng(round(10 * time))
    for x, y in random.integers(0, SIZE, (150, 2)):
        cv2.line(picture, (int(x), int(y)), (int(x) + 2, int(y) + 14), 200, 1)
    return picture


def crowd(luma: Luma, time: float) -> Luma:
    picture = luma.copy()
    for number in range(12):
        x = int((time * (20 + 3 * number) + 60 * number) % (SIZE[0] + 40)) - 40
        cv2.rectangle(picture, (x, 10 * number + 20), (x + 25, 10 * number + 70), 10 + 20 * number, -1)
    return picture


@pytest.mark.parametrize(
    "scene",
    [
        lambda luma, time: luma,
        lorry,
        person,
        clouds,
        lamp,
        lamp_out,
        infrared,
        rain,
        crowd,
    ],
    ids=["empty", "lorry", "person", "clouds", "lamp", "lamp out", "infrared", "rain", "crowd"],
)
def test_what_happens_in_the_scene_is_no_fault_of_the_camera(scene: Effect) -> None:
    assert watched(scene, 90.0) == []


@pytest.mark.parametrize("minutes", [45.0, 90.0])
def test_night_may_fall_until_all_is_black(minutes: float) -> None:
    def dusk(luma: Luma, time: float) -> Luma:
        gone = min(1.0, time / (60.0 * minutes))
        left = float(0.01**gone * (1.0 - gone))
        return (luma * left).astype(np.uint8)

    assert play(HealthWatcher(StreamInfo("wall", *SIZE)), Camera(dusk).frames(60 * minutes + 60, 0.4)) == []


def test_a_light_that_goes_out_every_evening_is_told_once() -> None:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE))
    told = []
    for day in range(3):
        evening = day * 86_400.0
        dark = between(evening + 60.0, evening + 700.0, black)
        told += play(watcher, Camera(dark, evening, utc=1.6e9).frames(770.0, 1.0))
    assert [(event.kind, event.end is None) for event in told] == [
        (HealthKind.DARK, True),
        (HealthKind.DARK, False),
    ]
    assert told[1].end_utc == 1.6e9 + (told[1].end or 0.0)


def test_dark_at_an_hour_at_which_it_never_was_is_told_all_the_same() -> None:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE))
    play(watcher, Camera(between(60.0, 700.0, black), utc=1.6e9).frames(770.0, 1.0))
    noon = 43_200.0
    told = play(watcher, Camera(between(noon + 60, noon + 120, black), noon, utc=1.6e9).frames(180.0, 1.0))
    told_once(told, HealthKind.DARK, noon + 60, noon + 120)


def test_a_camera_whose_black_is_that_of_television_gets_dark_too() -> None:
    def television(luma: Luma, time: float) -> Luma:
        return np.full_like(luma, 16) if 20.0 <= time < 45.0 else (16 + luma * 0.86).astype(np.uint8)

    told_once(watched(television), HealthKind.DARK, 20.0, 45.0)


def test_what_was_usual_survives_a_restart(watcher: HealthWatcher) -> None:
    play(watcher, Camera().frames(60.0))
    again = HealthWatcher(StreamInfo("wall", *SIZE))
    again.restore(watcher.save())
    told = play(again, Camera(lambda luma, time: shifted(luma)).frames(6.0))
    assert [event.kind for event in told] == [HealthKind.MOVED]
    assert again.state == {HealthKind.MOVED}


def test_a_larger_picture_of_the_same_view_is_no_fault(watcher: HealthWatcher) -> None:
    play(watcher, Camera().frames(30.0))
    larger = [
        Frame(f.index, f.time, np.asarray(cv2.resize(f.luma, (640, 360)), np.uint8))
        for f in Camera(start=30.0).frames(40.0)
    ]
    assert play(watcher, larger) == []
