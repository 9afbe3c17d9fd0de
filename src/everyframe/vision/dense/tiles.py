"""Pictures that are too large to be seen at once, by tiles that overlap.

What a network says of a pixel depends on what lies within its reach. A tile that sees a margin as wide as
that around what it is asked for says there what the whole picture would, where the tile begins at a multiple
of the network's stride; its margin is thrown away, and the parts that are left touch each other. Blending
tiles where they overlap would only hide seams that then are not there.

The reach of a deep network is hundreds of pixels, but what lies near its edge hardly counts: the effective
receptive field is a small part of it (Luo et al., "Understanding the effective receptive field in deep
convolutional neural networks", NeurIPS 2016). So the margin is capped (``MARGIN``): a wider one repeats work
that changes hardly a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

WHOLE = 2_400_000
"""Pixels up to which a picture is seen at once; Full HD is. A tile has no more of them."""

MARGIN = 192
"""Pixels that a tile sees around what it is asked for, at most."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, and what is seen for it.

    Attributes:
        rows: That are asked for.
        columns: Likewise.
        seen_rows: That the network sees: those asked for and a margin, as far as the picture goes.
        seen_columns: Likewise.
    """

    rows: slice
    columns: slice
    seen_rows: slice
    seen_columns: slice

    @property
    def kept(self) -> tuple[slice, slice]:
        """Rows and columns of what is asked for, within what is seen."""
        return (
            slice(self.rows.start - self.seen_rows.start, self.rows.stop - self.seen_rows.start),
            slice(self.columns.start - self.seen_columns.start, self.columns.stop - self.seen_columns.start),
        )


def plan(shape: tuple[int, int], stride: int, margin: int, most: int = WHOLE) -> list[Tile]:
    """Cut a picture into tiles that cover each pixel once and see no more than they may.

    Args:
        shape: ``(height, width)`` in pixels.
        stride: Of the network; what a tile sees begins at multiples of it.
        margin: Pixels to see around what is asked for; rounded up to the stride.
        most: Pixels that a tile may see; where the margin alone needs more, a stride more than that.
    """
    around = math.ceil(margin / stride) * stride
    side = math.isqrt(most)
    core = max(stride, (side - 2 * around) // stride * stride)
    down = list(_spans(shape[0], core, stride, around))
    across = list(_spans(shape[1], core, stride, around))
    return [
        Tile(rows, columns, seen_rows, seen_columns)
        for rows, seen_rows in down
        for columns, seen_columns in across
    ]


def _spans(length: int, core: int, stride: int, around: int) -> Iterator[tuple[slice, slice]]:
    """Yield what is asked for and what is seen along one side, in parts of about one length."""
    count = max(1, math.ceil(length / core))
    step = math.ceil(length / count / stride) * stride
    for start in range(0, length, step):
        stop = min(start + step, length)
        yield slice(start, stop), slice(max(0, start - around), min(length, stop + around))
