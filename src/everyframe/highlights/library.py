"""What was taught, in one file: classes, the network that sees, and how each class looks to it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from everyframe.errors import LibraryError, SettingError, SourceNotFound
from everyframe.files import atomic_write
from everyframe.highlights.clips import SIDE, Steps
from everyframe.highlights.looking import STEP
from everyframe.vision.design import Design
from everyframe.vision.runtime import Runtime

FORMAT = 1
"""Version of the file's form."""

FEWEST = 5
"""Examples that a class needs at least."""

_LOSS = 0.02  # share of the examples of other classes that a new class may take
_SELF = 0.5  # share of its own examples that a new class may miss, for the sake of the others


@dataclass(slots=True, eq=False)
class Library:
    """What was taught.

    Attributes:
        classes: Names, in order.
        design: What the network is made of.
        mirror: Whether left and right mean the same.
        model: The network as ONNX: streams of one window to embeddings.
        scale: What cosines are multiplied by before they are made probabilities.
        directions: ``(classes, width)`` of each head; a class is where its examples lie.
        offsets: ``(classes,)`` added to what each class says; 0 for those that the network was trained on.
        known: ``(examples, width)`` of each head: how the examples of all classes were seen.
        labels: ``(examples,)`` class of each of those.
        about: How it was taught, for people.
    """

    classes: list[str]
    design: Design
    mirror: bool
    model: bytes
    scale: float
    directions: list[NDArray[np.float32]]
    offsets: NDArray[np.float32]
    known: list[NDArray[np.float32]]
    labels: NDArray[np.int64]
    about: dict[str, Any] = field(default_factory=dict)
    _runtime: Runtime | None = field(default=None, repr=False)

    def embed(self, steps: Steps) -> list[NDArray[np.float32]]:
        """Return how each head sees a window, ``(views, width)``: as it is and, where told so, mirrored."""
        if self._runtime is None:
            self._runtime = Runtime(self.model)
        edge = (SIDE - self.design.side) // 2
        middle = slice(edge, edge + self.design.side)
        inputs = {
            "frames": steps.frames[:, None, middle, middle].astype(np.float32),
            "flow": steps.flow[:, :, middle, middle].astype(np.float32),
        }
        views = [{name: inputs[name] for name in self.design.streams}]
        if self.mirror:
            views.append({name: _mirrored(name, value) for name, value in views[0].items()})
        seen = [self._runtime.run({name: value[None] for name, value in view.items()}) for view in views]
        return [np.concatenate([view[head] for view in seen]) for head in range(len(self.directions))]

    def logits(self, seen: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return ``(heads, classes)`` of the ``(views, width)`` that each head saw.

        What a class says depends on its own direction only: adding another changes nothing in it.
        """
        said = [
            self.scale * (views @ _unit(told).T).mean(axis=0) + self.offsets
            for views, told in zip(seen, self.directions, strict=True)
        ]
        return np.asarray(said, np.float32)

    def scores(self, steps: Steps | Sequence[Steps]) -> NDArray[np.float32]:
        """Return ``(classes,)`` what each class says of a window, or the mean over several."""
        several = [steps] if isinstance(steps, Steps) else list(steps)
        said = [self.logits(self.embed(one)).mean(axis=0) for one in several]
        return np.asarray(np.mean(said, axis=0), np.float32)

    def probabilities(self, steps: Steps | Sequence[Steps]) -> NDArray[np.float32]:
        """Return ``(classes,)`` probabilities of a window of any length, such as one that slides."""
        return softmax(self.scores(steps))

    def add(self, name: str, examples: Sequence[Sequence[Steps]]) -> None:
        """Add a class from a few examples; what the other classes say stays as it is.

        Its direction is the mean of its examples (Qi, Brown and Lowe, CVPR 2018), and its offset the greatest
        at which it takes no more than one in fifty of the other classes' examples.

        Args:
            name: Of the class.
            examples: The windows of each.

        Raises:
            SettingError: There are too few examples, or the class is known already.
        """
        if name in self.classes:
            raise SettingError(f"{name} is known already: give the new class another name")
        if len(examples) < FEWEST:
            raise SettingError(f"{name} has {len(examples)} examples; a class needs {FEWEST} at least")
        seen = [[self.embed(window) for window in one] for one in examples]
        heads = range(len(self.directions))
        each = [
            np.stack([_unit(np.concatenate([window[head] for window in one]).mean(axis=0)) for one in seen])
            for head in heads
        ]
        offset = self._offset(each)
        for head in heads:
            new = _unit(each[head].mean(axis=0))[None]
            self.directions[head] = np.concatenate([_unit(self.directions[head]), new]).astype(np.float32)
            self.known[head] = np.concatenate([self.known[head], each[head]]).astype(np.float32)
        self.offsets = np.append(self.offsets, np.float32(offset))
        self.labels = np.append(self.labels, np.full(len(examples), len(self.classes)))
        self.classes.append(name)

    def _offset(self, each: Sequence[NDArray[np.float32]]) -> float:
        """Return what to add to a new class, given ``(examples, width)`` of each head."""
        heads = range(len(self.directions))
        count = len(each[0])
        new = [_unit(each[head].mean(axis=0)) for head in heads]
        others = np.mean([self.known[h] @ _unit(self.directions[h]).T for h in heads], axis=0) * self.scale
        taken = np.mean([self.known[h] @ new[h] for h in heads], axis=0) * self.scale
        margin = (others + self.offsets).max(axis=1) - taken  # an example is lost when the offset is above it
        greatest = float(np.quantile(margin, _LOSS)) if len(margin) else 0.0
        own = np.empty(count)
        for left in range(count):
            rest = [_unit(np.delete(each[h], left, axis=0).mean(axis=0)) for h in heads]
            mine = np.mean([each[h][left] @ rest[h] for h in heads]) * self.scale
            their = np.mean([each[h][left] @ _unit(self.directions[h]).T for h in heads], axis=0) * self.scale
            own[left] = (their + self.offsets).max() - mine  # it is found when the offset is above it
        # Half way between what its own examples need and what the others bear, and never more than they bear.
        needed = float(np.quantile(own, 1.0 - _SELF / count))
        return min(greatest, (needed + greatest) / 2.0) if needed < greatest else greatest

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as one file, whole or not at all.

        Raises:
            StorageError: If the place does not take it.
        """
        atomic_write(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the file: safetensors, with JSON beside them."""
        tensors: dict[str, NDArray[Any]] = {
            "model": np.frombuffer(self.model, np.uint8),
            "offsets": self.offsets,
            "labels": self.labels,
        }
        for head, (told, seen) in enumerate(zip(self.directions, self.known, strict=True)):
            tensors[f"directions.{head}"] = np.ascontiguousarray(told, np.float32)
            tensors[f"known.{head}"] = np.ascontiguousarray(seen, np.float32)
        header = {
            "format": FORMAT,
            "classes": self.classes,
            "design": asdict(self.design),
            "mirror": self.mirror,
            "scale": self.scale,
            "step": STEP,
            "square": SIDE,
            "about": self.about,
        }
        return save_tensors(tensors, metadata={"everyframe library": json.dumps(header)})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Library:
        """Read a library; nothing in the file is ever run but the network's own operations.

        Raises:
            SourceNotFound: There is no such file.
            LibraryError: It is damaged, no library, or of a later version.
        """
        place = Path(path)
        try:
            data = place.read_bytes()
        except FileNotFoundError as error:
            raise SourceNotFound(f"there is no library {place}: make one with `everyframe teach`") from error
        except OSError as error:
            raise LibraryError(f"{place} cannot be read: {error.strerror}") from error
        return cls.from_bytes(data, str(place))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "the library") -> Library:
        """Read what ``to_bytes`` wrote.

        Raises:
            LibraryError: It is damaged, no library, or of a later version.
        """
        try:
            length = int.from_bytes(data[:8], "little")
            header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["everyframe library"])
            if (header["format"], header["step"], header["square"]) != (FORMAT, STEP, SIDE):
                raise LibraryError(f"{name} was made by another version of Everyframe: teach it again")
            tensors = load_tensors(data)
            design = Design(**{**header["design"], "streams": tuple(header["design"]["streams"])})
            heads = range(sum(key.startswith("directions.") for key in tensors))
            return cls(
                classes=[str(one) for one in header["classes"]],
                design=design,
                mirror=bool(header["mirror"]),
                model=tensors["model"].tobytes(),
                scale=float(header["scale"]),
                directions=[tensors[f"directions.{head}"] for head in heads],
                offsets=tensors["offsets"],
                known=[tensors[f"known.{head}"] for head in heads],
                labels=tensors["labels"],
                about=dict(header["about"]),
            )
        except (KeyError, TypeError, ValueError, SafetensorError, SettingError, AttributeError) as error:
            raise LibraryError(
                f"{name} is no library, or damaged: make one with `everyframe teach`"
            ) from error


def softmax(said: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return probabilities over the last axis."""
    raised = np.exp(said - said.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def _mirrored(name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
    turned = value[..., ::-1].copy()
    if name == "flow":
        turned[:, 0] *= -1.0
    return turned


def _unit(rows: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)
