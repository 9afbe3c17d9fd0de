"""Running a classifier, with ONNX Runtime only."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import WeightsError
from everyframe.vision.classify.changing import whole
from everyframe.vision.classify.folders import pictures_in
from everyframe.vision.pictures import read_picture
from everyframe.vision.runtime import Runtime

ABOUT = "everyframe classifier"
"""Key of what a model says of itself."""

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What a picture shows, as a classifier says.

    Attributes:
        path: Of the picture.
        label: Class that it is most sure of.
        confidence: How sure, 0 to 1; calibrated on pictures that were not learned from.
        confidences: Of every class, by name.
    """

    path: Path
    label: str
    confidence: float
    confidences: dict[str, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a classifier saw in a picture, and why it says what it says.

    Attributes:
        square: ``(side, side, 3)`` RGB, as it was looked at.
        confidences: ``(classes,)``.
        maps: ``(width, h, w)``, the last ones.
        responses: ``(n, h, w)``, of the first layer.
    """

    square: NDArray[np.uint8]
    confidences: NDArray[np.float32]
    maps: NDArray[np.float32]
    responses: NDArray[np.float32]


class Classifier:
    """Tells what pictures show.

    Args:
        path: Of the model, as ``classify train`` wrote it.

    Attributes:
        classes: Their names.
        side: Pixels of the squares as which it looks at pictures.
        about: How it was made, and how well it tells.

    Raises:
        WeightsError: It cannot be read, is damaged, or was not made here.
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._runtime = Runtime(Path(path).read_bytes(), os.cpu_count() or 1)
            self.about: dict[str, Any] = json.loads(self._runtime.about[ABOUT])
            form = self.about["format"]
            self.classes, self.side = tuple(map(str, self.about["classes"])), int(self.about["side"])
        except OSError as error:
            raise WeightsError(f"{path} cannot be read: {error.strerror}") from error
        except Exception as error:  # the runtime raises its own kinds, which are not part of its interface
            raise WeightsError(
                f"{path} is damaged, or no model that `everyframe classify train` made: give one that is"
            ) from error
        if form != FORMAT:
            raise WeightsError(f"{path} was made by a later version: update Everyframe, or train it again")

    def tell(self, path: Path) -> Told:
        """Return what the picture in a file shows.

        Raises:
            DatasetError: It cannot be read.
        """
        return self.named(path, self.look(read_picture(path)))

    def named(self, path: Path, confidences: NDArray[np.float32]) -> Told:
        """Return ``(classes,)`` confidences with their names."""
        best = int(confidences.argmax())
        by_name = {name: float(value) for name, value in zip(self.classes, confidences, strict=True)}
        return Told(path, self.classes[best], float(confidences[best]), by_name)

    def look(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the confidences ``(classes,)`` for a picture ``(H, W, 3)`` in RGB."""
        return np.asarray(
            self._runtime.run({"pictures": whole(picture, self.side)[None]}, ["confidences"])[0][0]
        )

    def see(self, picture: NDArray[np.uint8]) -> Seen:
        """Return all that the classifier saw in a picture ``(H, W, 3)`` in RGB."""
        square = whole(picture, self.side)
        found = self._runtime.run({"pictures": square[None]}, ["confidences", "maps", "responses"])
        return Seen(square, *(one[0] for one in found))

    def weights(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the first layer's filters ``(n, 3, h, w)`` and the head's lines ``(classes, width)``."""
        square = np.zeros((1, self.side, self.side, 3), np.uint8)
        filters, lines = self._runtime.run({"pictures": square}, ["filters", "lines"])
        return filters, lines


def predict(
    model: Path | str,
    pictures: Sequence[Path | str] | Path | str,
    fault: Callable[[Exception], object] | None = None,
) -> Iterator[Told]:
    """Yield what pictures show, one after the other.

    Args:
        model: As ``classify train`` wrote it.
        pictures: Files, and folders of which all pictures are taken.
        fault: Called with what is wrong with a picture that cannot be read; without it, that is raised.

    Raises:
        WeightsError: The model cannot be used.
        DatasetError: A picture or folder is not there or, without ``fault``, cannot be read.
    """
    from everyframe.errors import DatasetError

    classifier = Classifier(model)
    some = [pictures] if isinstance(pictures, str | Path) else pictures
    for path in pictures_in(some):
        try:
            yield classifier.tell(path)
        except DatasetError as error:
            if fault is None:
                raise
            fault(error)
