"""Running a published network, with ONNX Runtime only: squares of footage to features."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import platformdirs
from numpy.typing import NDArray

from everyframe.errors import LibraryError, WeightsError
from everyframe.vision.backbones import operators
from everyframe.vision.runtime import Runtime

SIDE = 112
"""Pixels of the squares, unless a network takes one size only."""

ABOUT = "everyframe backbone"
"""Key of what a model says of itself."""

_AT_ONCE = 16  # pictures: more take memory and are not faster on one core
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    """Return where weights, and the models that are made of them, are kept: in the user's cache."""
    return platformdirs.user_cache_path("everyframe") / "backbones"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which network, with which weights.

    Attributes:
        name: Such as ``resnet18`` or ``timm/resnet18``.
        checksum: SHA-256 of the file of the weights, in hexadecimal.
        file: Its name.
        url: Where it is published; empty where it is one's own.

    Raises:
        ValueError: Any of them cannot be.
    """

    name: str
    checksum: str
    file: str
    url: str = ""

    def __post_init__(self) -> None:
        whole = all(isinstance(one, str) for one in (self.name, self.checksum, self.file, self.url))
        if not whole or not self.name or not _CHECKSUM.fullmatch(self.checksum):
            raise ValueError("no network, or no checksum")
        if not self.file or Path(self.file).name != self.file:  # a library from a stranger names no path
            raise ValueError("not the name of a file")

    @property
    def model(self) -> str:
        """Name of the file of the network that runs; it ends in the weights' checksum."""
        return f"{re.sub(r'[^A-Za-z0-9_.]', '-', self.name)}-{self.checksum[:8]}.onnx"


class Eyes:
    """A published network that runs.

    Args:
        path: Of the model, as ``making.prepare`` wrote it.

    Raises:
        WeightsError: It cannot be read, is damaged, or was not made here.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._runtime = Runtime(path.read_bytes())
            told = json.loads(self._runtime.about[ABOUT])
            self.identity = Identity(**told["identity"])
            self.side, self.width = int(told["side"]), int(told["width"])
        except OSError as error:
            raise WeightsError(f"{path} cannot be read: {error.strerror}") from error
        except (LibraryError, KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                f"{path} is damaged, or no model that `everyframe teach` made: delete it"
            ) from error

    def look(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return ``(N, width)`` features of ``(N, S, S)`` luma."""
        found = [self._some(squares[begin : begin + _AT_ONCE]) for begin in range(0, len(squares), _AT_ONCE)]
        return np.concatenate(found) if found else np.zeros((0, self.width), np.float32)

    def views(self, squares: NDArray[np.uint8], mirror: bool) -> NDArray[np.float16]:
        """Return ``(views, N, width)``: of squares as they are and, where asked for, mirrored."""
        seen = [self.look(squares), *([self.look(squares[:, :, ::-1])] if mirror else [])]
        limit = float(np.finfo(np.float16).max)
        return np.clip(np.stack(seen), -limit, limit).astype(np.float16)

    def _some(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        size = (self.side, self.side)
        if squares.shape[1:] != size:
            squares = np.stack([np.asarray(cv2.resize(one, size), np.uint8) for one in squares])
        grey = squares.astype(np.float32)[:, None] / np.float32(255.0)
        return self._runtime.run({"pictures": np.broadcast_to(grey, (len(grey), 3, *size))})[0]


def about(identity: Identity, side: int, width: int) -> dict[str, str]:
    """Return what a model says of itself."""
    return {ABOUT: json.dumps({"identity": asdict(identity), "side": side, "width": width})}


def open_eyes(identity: Identity) -> Eyes:
    """Return the network that a library was taught with.

    The model in the cache will do; where only the weights are there, and PyTorch is, it is made of them.

    Raises:
        WeightsError: Neither is there, or they are other ones; the line says which file to put where.
    """
    place = folder() / identity.model
    if place.exists():
        eyes = Eyes(place)
        if (eyes.identity.name, eyes.identity.checksum) != (identity.name, identity.checksum):
            raise WeightsError(f"{place} is another network than this library was taught with: delete it")
        return eyes
    weights = folder() / identity.file
    if weights.exists() and operators.installed():
        from everyframe.vision.backbones.making import make_eyes

        return make_eyes(identity, weights)
    where = f" from {identity.url}" if identity.url else ""
    raise WeightsError(
        f"this library sees with {identity.name}, and {identity.model} is missing: copy it into {folder()}"
        f" from where the library was taught; or put {identity.file} (SHA-256 {identity.checksum}){where}"
        " there and pip install 'everyframe[train]'"
    )
