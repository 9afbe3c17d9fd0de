"""What a camera's ground is made of, looked at while its normal is learned."""

from __future__ import annotations

import os
from pathlib import Path

from everyframe.anomaly.grounds import Grounds
from everyframe.types import Frame


class Look:
    """Gathers pictures of a camera, and tells what things move on in them.

    Args:
        model: A segmentation network that ships, or the file of one.

    Raises:
        ModelError: It cannot be used.
    """

    def __init__(self, model: str | os.PathLike[str]) -> None:
        from everyframe.vision.dense.scene import Spread  # loads much, and most cameras have none
        from everyframe.vision.dense.segmenter import Segmenter

        self._network = Segmenter(model if isinstance(model, str) else Path(model))
        self._spread = Spread()

    def step(self, frame: Frame) -> None:
        """Take the next frame."""
        self._spread.step(frame)

    def grounds(self) -> Grounds | None:
        """Return what things move on; nothing where no ground was seen."""
        from everyframe.vision.dense.scene import ground_of, scene_classes

        picture = self._spread.picture()
        if picture is None:
            return None
        names, places = ground_of(scene_classes(picture, self._network), self._network.classes)
        return Grounds(names, places) if names else None
