"""Running a segmentation network, with ONNX Runtime only: a picture to the class of each of its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import LibraryError, ModelError
from everyframe.types import RGB
from everyframe.vision.dense.about import KEY, About, read_about
from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.tiles import MARGIN, WHOLE, plan
from everyframe.vision.runtime import Runtime

SHIPPED = "street"
"""The network that comes with Everyframe: what a road is made of, eleven classes."""

_PICTURES, _LOGITS = "pictures", "logits"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a network makes of a picture.

    Attributes:
        mask: ``(H, W)`` ``uint8``, the class of each pixel.
        confidence: ``(H, W)`` ``float32``, 0 to 1: the probability that the network gives to it.
    """

    mask: NDArray[np.uint8]
    confidence: NDArray[np.float32]


class Segmenter:
    """A segmentation network, ready to run; it may be used from one thread at a time.

    Args:
        model: The name of one that ships (``street``), the path of a file that ``segment export`` wrote, or
            its bytes.
        threads: How many work on a picture.
        side: Pixels of the longer side at which pictures are seen: larger ones are made smaller before, and
            their classes are brought back to their own size. 0 sees them as they are; by default the model
            says (``about.side``).
        margin: Pixels that tiles of large pictures see around what they are asked for, at most; see
            ``vision.dense.tiles``.
        whole: Pixels up to which a picture is seen at once; memory grows with it.

    Raises:
        ModelError: There is no such model, or the file is damaged, of a later format, or something else.
    """

    def __init__(
        self,
        model: str | Path | bytes = SHIPPED,
        *,
        threads: int = 1,
        side: int | None = None,
        margin: int = MARGIN,
        whole: int = WHOLE,
    ) -> None:
        data, called = _read(model)
        try:
            self._runtime = Runtime(data, threads)
        except LibraryError as error:
            raise ModelError(f"{called} is damaged, or no network that was exported") from error
        told = self._runtime.about.get(KEY)
        if told is None:
            raise ModelError(f"{called} is a network, but none that `everyframe segment export` wrote")
        self.about: About = read_about(told, called)
        """What it says of itself."""
        self._check(called)
        self._side = self.about.side if side is None else side
        self._margin, self._whole = min(margin, self.about.reach), whole

    @property
    def classes(self) -> Classes:
        """What it tells apart, in the order of the masks' values."""
        return self.about.classes

    def logits(self, picture: RGB | str | Path) -> NDArray[np.float32]:
        """Return ``(classes, h, w)``: what each class says at each pixel, before the softmax.

        ``(h, w)`` is the picture's own size, or the size at which it is seen (``side``). All of it is seen at
        once, however large it is; ``predict`` needs far less memory.

        Args:
            picture: ``(H, W, 3)`` RGB ``uint8``, or the path of a picture.

        Raises:
            ValueError: It is no such array.
            DatasetError: The file cannot be read.
        """
        return self._run(shrunk(_picture(picture), self._side))

    def predict(self, picture: RGB | str | Path) -> NDArray[np.uint8]:
        """Return ``(H, W)`` ``uint8``, the class of each pixel; a large picture is seen tile by tile.

        Args:
            picture: ``(H, W, 3)`` RGB ``uint8``, or the path of a picture.

        Raises:
            ValueError: It is no such array.
            DatasetError: The file cannot be read.
        """
        return self.look(picture, confidence=False).mask

    def confidence(self, picture: RGB | str | Path) -> NDArray[np.float32]:
        """Return ``(H, W)``, 0 to 1: the probability of the class that ``predict`` tells."""
        return self.look(picture).confidence

    def look(self, picture: RGB | str | Path, *, confidence: bool = True) -> Look:
        """Return classes and confidence of one picture.

        Args:
            picture: ``(H, W, 3)`` RGB ``uint8``, or the path of a picture.
            confidence: Whether it is wanted; it is 0 everywhere otherwise.

        Raises:
            ValueError: It is no such array.
            DatasetError: The file cannot be read.
        """
        whole = _picture(picture)
        size = whole.shape[0], whole.shape[1]
        seen = shrunk(whole, self._side)
        if seen.shape[0] * seen.shape[1] <= self._whole:
            return look_of(self._run(seen), size, confidence=confidence)
        tiles = plan((seen.shape[0], seen.shape[1]), self.about.stride, self._margin, self._whole)
        mask = np.zeros(seen.shape[:2], np.uint8)
        sure = np.zeros(seen.shape[:2], np.float32)
        for tile in tiles:
            logits = self._run(np.ascontiguousarray(seen[tile.seen_rows, tile.seen_columns]))
            kept = logits[:, tile.kept[0], tile.kept[1]]
            told = look_of(kept, (kept.shape[1], kept.shape[2]), confidence=confidence)
            mask[tile.rows, tile.columns] = told.mask
            sure[tile.rows, tile.columns] = told.confidence
        return Look(_enlarged(mask, size, cv2.INTER_NEAREST), _enlarged(sure, size, cv2.INTER_LINEAR))

    def _run(self, picture: RGB) -> NDArray[np.float32]:
        return np.asarray(self._runtime.run({_PICTURES: picture[None]})[0][0], np.float32)

    def _check(self, called: str) -> None:
        """Make sure that it takes and tells what such a network does.

        Raises:
            ModelError: It does not.
        """
        takes, tells = self._runtime.inputs, self._runtime.outputs
        if set(takes) != {_PICTURES} or list(tells)[:1] != [_LOGITS] or len(tells[_LOGITS]) != 4:
            raise ModelError(f"{called} takes no pictures or tells no logits; export it again")
        count = tells[_LOGITS][1]
        if isinstance(count, int) and count != len(self.classes):
            raise ModelError(
                f"{called} tells {count} classes apart and names {len(self.classes)}; export it again"
            )


def look_of(logits: NDArray[np.float32], size: tuple[int, int], *, confidence: bool = True) -> Look:
    """Return what scores say, in the picture's own size.

    Args:
        logits: ``(classes, h, w)``.
        size: ``(height, width)`` of the picture.
        confidence: Whether it is wanted; it is 0 everywhere otherwise.
    """
    # Class by class: all of them at once, in the size of a large picture, would take gigabytes. OpenCV's own
    # copying is ten times as fast as NumPy's argmax over the first axis.
    mask = np.zeros(size, np.uint8)
    most = _enlarged(logits[0], size, cv2.INTER_LINEAR).copy()
    total = np.ones(size, np.float32) if confidence else np.zeros(size, np.float32)
    for number in range(1, len(logits)):
        one = _enlarged(logits[number], size, cv2.INTER_LINEAR)
        higher = cv2.compare(one, most, cv2.CMP_GT)
        if confidence:
            above = np.maximum(one, most)
            total = total * np.exp(most - above) + np.exp(one - above)
        cv2.copyTo(np.full(size, number, np.uint8), higher, mask)
        cv2.copyTo(one, higher, most)
    return Look(mask, 1.0 / total if confidence else total)


def shrunk(picture: RGB, side: int) -> RGB:
    """Return a picture whose longer side has at most so many pixels; 0 leaves it as it is."""
    height, width = picture.shape[:2]
    if side <= 0 or max(height, width) <= side:
        return picture
    factor = side / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _enlarged(plane: NDArray[Any], size: tuple[int, int], how: int) -> NDArray[Any]:
    if plane.shape == size:
        return plane
    return np.asarray(cv2.resize(plane, (size[1], size[0]), interpolation=how))


def _picture(picture: RGB | str | Path) -> RGB:
    if isinstance(picture, str | Path):
        from everyframe.vision.pictures import read_picture

        return np.asarray(read_picture(Path(picture)), np.uint8)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            f"a picture is (H, W, 3) RGB of uint8, this is {picture.shape} of {picture.dtype.name}"
        )
    return picture


def shipped() -> list[str]:
    """Return the names of the networks that ship."""
    folder = files("everyframe.vision") / "weights"
    names = (place.name for place in folder.iterdir() if place.name.endswith(".onnx"))
    return sorted(name.removesuffix(".onnx") for name in names if name != "motion.onnx")


def _read(model: str | Path | bytes) -> tuple[bytes, str]:
    """Return the bytes of a model, and how to name it in a message."""
    if isinstance(model, bytes):
        return model, "this model"
    if str(model) in shipped():
        return (files("everyframe.vision") / "weights" / f"{model}.onnx").read_bytes(), str(model)
    path = Path(model)
    try:
        return path.read_bytes(), str(path)
    except FileNotFoundError:
        names = " or ".join([*shipped(), "the path of a file that `everyframe segment export` wrote"])
        raise ModelError(f"{path}: there is no such model; name {names}") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
