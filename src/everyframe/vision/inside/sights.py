"""What a tensor sees of the picture: which of its dimensions are rows and columns, and their fields.

What cannot be followed exactly counts as seeing the whole picture, so that a field is never told too small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from everyframe.vision.inside.fields import Field, Taps, whole_pixels

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """Rows or columns.

    Attributes:
        dim: Which dimension of the tensor; ``None`` where there are no places any more.
        field: What they see of their own surroundings; ``None`` where there are none.
        whole: Whether they see the whole picture, too, such as by a mean over it.
        inner: Values between two places within the dimension, where rows and columns share one; else 1.
        length: How many places there are.
    """

    dim: int | None
    field: Field | None
    whole: bool = False
    inner: int = 1
    length: int = 1

    def through(self, taps: Taps, length: int) -> Side:
        """Return it behind a layer."""
        found = None if self.field is None else self.field.through(taps, length)
        return replace(self, field=found, length=length)

    def mixed(self) -> Side:
        """Return it where every place sees the whole picture."""
        return replace(self, whole=True)

    @property
    def gone(self) -> Side:
        """Return it where the tensor has no such side any more."""
        return Side(None, None, whole=True)


Sight = tuple[Side, Side]
"""Of rows and of columns."""


def picture(rows: int, cols: int, shape: Shape) -> Sight:
    """Return what the picture itself sees, whose rows and columns are these dimensions."""
    return (
        Side(rows, whole_pixels(), length=shape[rows]),
        Side(cols, whole_pixels(), length=shape[cols]),
    )


def mixed(sight: Sight, dims: Sequence[int]) -> Sight:
    """Return what is seen where places of these dimensions are mixed without order, such as by a mean."""
    rows, cols = (side.mixed() if side.dim in dims else side for side in sight)
    return rows, cols


def blind(sight: Sight) -> Sight:
    """Return what is seen where nothing is known of a layer: everything."""
    return sight[0].gone, sight[1].gone


def joined(sights: Sequence[tuple[Sight, Shape]], shape: Shape) -> Sight:
    """Return what is seen where tensors meet element by element, shapes stretched from the right."""
    merged: list[Side] = []
    for number in (0, 1):
        sides = [_placed(sight[number], given, shape) for sight, given in sights]
        side = sides[0]
        for other in sides[1:]:
            side = _both(side, other)
        merged.append(side)
    return merged[0], merged[1]


def _placed(side: Side, given: Shape, shape: Shape) -> Side:
    if side.dim is None:
        return side
    place = side.dim + len(shape) - len(given)
    stretched = not 0 <= place < len(shape) or given[side.dim] != shape[place]
    return side.gone if stretched else replace(side, dim=place)


def _both(one: Side, other: Side) -> Side:
    if one.dim is None or other.dim is None:
        return (other if one.dim is None else one).mixed()
    if (one.dim, one.inner) != (other.dim, other.inner) or one.field is None or other.field is None:
        return one.gone
    return replace(one, field=one.field.joined(other.field, one.length), whole=one.whole or other.whole)


def moved(sight: Sight, order: Sequence[int]) -> Sight:
    """Return what is seen where dimension ``order[i]`` becomes the ``i``-th."""
    rows, cols = (
        replace(side, dim=order.index(side.dim)) if side.dim in order else side.gone for side in sight
    )
    return rows, cols


def reshaped(sight: Sight, before: Shape, after: Shape) -> Sight:
    """Return what is seen where values stay in their order and dimensions change.

    Rows and columns may share a dimension, and part again.
    """
    rows, cols = (_reshaped(side, before, after) for side in sight)
    return rows, cols


def _reshaped(side: Side, before: Shape, after: Shape) -> Side:
    if side.dim is None:
        return side
    # Where values lie one after the other: a place of this side holds so many of them.
    stride = math.prod(before[side.dim + 1 :]) * side.inner
    end = stride * side.length
    for dim in range(len(after)):
        low = math.prod(after[dim + 1 :])
        if low <= stride and end <= low * after[dim] and stride % low == 0 and after[dim] > 1:
            # All of what else lies in this dimension has to be the other side, or one would mix channels.
            return replace(side, dim=dim, inner=stride // low)
    return side.gone


def by_taps(sight: Sight, shape: Shape, out: Shape, taps: Mapping[int, Taps]) -> Sight:
    """Return what is seen behind a layer that has taps along some dimensions."""
    sides = []
    for side in sight:
        if side.dim is None or side.dim not in taps:
            sides.append(side)
        elif side.length == shape[side.dim]:
            sides.append(side.through(taps[side.dim], out[side.dim]))
        else:  # the dimension holds something else, too
            sides.append(side.gone)
    return sides[0], sides[1]
