"""Where an event could be: windows of the lengths that were taught, none across a cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from everyframe.highlights.looking import STEP, Look

FEWEST = 4
"""Looks that a window has at least."""

_ROOM = 1.35  # a shot that is so many times as long as the longest window is one window
_ALIKE = 1.4  # lengths that differ by less are one
_STRIDES = 4  # windows that overlap at any time, of one length

Window = Sequence[Look]


def lengths_of(examples: Mapping[str, Sequence[float]], most: int) -> list[int]:
    """Return the steps of windows for examples: short, usual and long ones of each class, few in all.

    Args:
        examples: Seconds that the examples of each class last.
        most: Steps of a window.
    """
    told = [np.quantile(np.asarray(seconds, np.float64), (0.2, 0.5, 0.8)) for seconds in examples.values()]
    steps = np.sort(np.clip(np.round(np.concatenate(told) / STEP), FEWEST, most))
    kept: list[list[float]] = []
    for length in steps.tolist():  # those that are alike are one, in their middle
        if kept and length < _ALIKE * kept[-1][0]:
            kept[-1].append(length)
        else:
            kept.append([length])
    return [round(float(np.median(alike))) for alike in kept]


def windows(looks: Iterable[Look], lengths: Sequence[int]) -> Iterator[Window]:
    """Yield windows of each length, a quarter of it apart, in the order of their ends.

    A shot that is hardly longer than the longest window is one; so is what is left at the end of a shot. No
    more looks are held than that takes.

    Args:
        looks: In order of time; those that do not follow on the one before begin a shot.
        lengths: Steps of windows, in rising order.
    """
    shot: list[Look] = []
    first = 0  # number in the shot of the first look that is held
    for look in looks:
        if shot and not look.whole:
            yield from _rest(shot, first, lengths)
            shot, first = [], 0
        shot.append(look)
        count = first + len(shot)
        if count <= _ROOM * lengths[-1]:
            continue
        if first == 0 and count - 1 <= _ROOM * lengths[-1]:  # it is longer than one window now
            for end in range(lengths[0], count):
                yield from _ending(shot, first, end, lengths)
        yield from _ending(shot, first, count, lengths)
        keep = lengths[-1]
        if len(shot) > 2 * keep:
            first, shot = first + len(shot) - keep, shot[-keep:]
    yield from _rest(shot, first, lengths)


def _ending(shot: list[Look], first: int, end: int, lengths: Sequence[int]) -> Iterator[Window]:
    """Yield the windows that end with look number ``end - 1`` of the shot."""
    for length in lengths:
        stride = max(1, length // _STRIDES)
        if end >= length and (end - length) % stride == 0:
            yield shot[end - length - first : end - first]


def _rest(shot: list[Look], first: int, lengths: Sequence[int]) -> Iterator[Window]:
    """Yield what is left to see of a shot that is over."""
    count = first + len(shot)
    if len(shot) < FEWEST:
        return
    if count <= _ROOM * lengths[-1]:
        yield shot
        for end in range(lengths[0], count + 1):
            for window in _ending(shot, first, end, lengths):
                if len(window) * _ALIKE < count:
                    yield window
        return
    for length in lengths:  # the last window of each length ends where the shot does
        if (count - length) % max(1, length // _STRIDES):
            yield shot[-length:]
