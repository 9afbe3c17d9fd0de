"""How much a segmentation flickers: pixels that change their class though nothing moves there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import Luma

_STILL = 0.2  # pixels that flow may tell where nothing moves
_LIKE = 6.0  # levels of brightness that noise may differ by
_WORK = 320  # pixels of the longer side on which flow is measured


class Flicker:
    """Counts, from picture to picture, what changes its class where flow says that nothing moved.

    What cannot be blamed on the scene is left: the network's own doubt. Pictures in which things move count
    with their still parts only.
    """

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._last: tuple[Luma, NDArray[np.uint8]] | None = None
        self.changed = 0
        """Pixels that changed their class where nothing moved."""
        self.still = 0
        """Pixels where nothing moved."""

    @property
    def share(self) -> float:
        """Of what was still, how much changed its class from one picture to the next; 0 where nothing was."""
        return self.changed / self.still if self.still else 0.0

    def reset(self) -> None:
        """Begin anew after a gap or a cut; what was counted stays."""
        self._last = None

    def step(self, luma: Luma, mask: NDArray[np.uint8]) -> None:
        """Take the next picture and its classes.

        Args:
            luma: ``(H, W)`` brightness.
            mask: ``(h, w)`` classes, of the same size for all pictures.
        """
        height, width = luma.shape
        factor = min(1.0, _WORK / max(height, width))
        size = max(16, round(width * factor)), max(16, round(height * factor))
        small: Luma = np.array(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
        if self._last is not None:
            before, told = self._last
            still = cv2.resize(
                self._still(before, small), (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_NEAREST
            ).astype(bool)
            self.still += int(still.sum())
            self.changed += int((still & (told != mask)).sum())
        self._last = small, mask

    def _still(self, before: Luma, now: Luma) -> NDArray[np.uint8]:
        shift = self._flow.calc(now, before, None)  # type: ignore[call-overload]  # it begins from nothing
        length = cv2.magnitude(shift[..., 0], shift[..., 1])
        apart = cv2.blur(np.asarray(cv2.absdiff(now, before), np.float32), (3, 3))
        moves = ((np.asarray(length) > _STILL) | (np.asarray(apart) > _LIKE)).astype(np.uint8)
        return np.asarray(1 - cv2.dilate(moves, np.ones((5, 5), np.uint8)), np.uint8)
