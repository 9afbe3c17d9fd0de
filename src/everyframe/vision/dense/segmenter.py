"""Running a segmentation network, with ONNX Runtime only: a picture to the class of each of its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import LibraryError, ModelError
from everyframe.types import RGB
from everyframe.vision.dense.about import KEY, About, read_about
from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.tiles import MARGIN, WHOLE, plan, stitched
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
        self._margin, self._whole = min(margin, self.about.reach), whole

    @property
    def classes(self) -> Classes:
        """What it tells apart, in the order of the masks' values."""
        return self.about.classes

    def logits(self, picture: RGB | str | Path) -> NDArray[np.float32]:
        """Return ``(classes, H, W)``: what each class says at each pixel, before the softmax.

        The whole picture is seen at once, however large it is; ``predict`` needs far less memory.

        Args:
            picture: ``(H, W, 3)`` RGB ``uint8``, or the path of a picture.

        Raises:
            ValueError: It is no such array.
            DatasetError: The file cannot be read.
        """
        return self._run(_picture(picture))

    def predict(self, picture: RGB | str | Path) -> NDArray[np.uint8]:
        """Return ``(H, W)`` ``uint8``, the class of each pixel; a large picture is seen tile by tile.

        Args:
            picture: ``(H, W, 3)`` RGB ``uint8``, or the path of a picture.

        Raises:
            ValueError: It is no such array.
            DatasetError: The file cannot be read.
        """
        return np.asarray(self._seen(_picture(picture), lambda seen: argmax(self._run(seen))), np.uint8)

    def confidence(self, picture: RGB | str | Path) -> NDArray[np.float32]:
        """Return ``(H, W)``, 0 to 1: the probability of the class that ``predict`` tells."""
        return self.look(picture).confidence

    def look(self, picture: RGB | str | Path) -> Look:
        """Return classes and confidence of one picture, which costs hardly more than the classes alone."""
        both = self._seen(_picture(picture), lambda seen: _both(self._run(seen)))
        return Look(both[..., 0].astype(np.uint8), both[..., 1].astype(np.float32))

    def _seen(self, picture: RGB, work: Any) -> NDArray[Any]:
        height, width = picture.shape[:2]
        if height * width <= self._whole:
            return np.asarray(work(picture))
        tiles = plan((height, width), self.about.stride, self._margin, self._whole)
        return stitched(picture, tiles, work)

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


def argmax(logits: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return ``(H, W)``, the class that ``(classes, H, W)`` say the most for; the first of equals."""
    return np.asarray(np.argmax(logits, axis=0), np.uint8)


def confidence_of(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``(H, W)``, the softmax of ``(classes, H, W)`` at its highest."""
    most = logits.max(axis=0)
    return np.asarray(1.0 / np.exp(logits - most).sum(axis=0), np.float32)


def _both(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([argmax(logits), confidence_of(logits)], axis=-1, dtype=np.float32)


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
