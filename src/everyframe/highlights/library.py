"""What was taught, in one file: classes, the network that sees, and how each class looks to it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from everyframe.errors import LibraryError, SettingError, SourceNotFound
from everyframe.files import atomic_write
from everyframe.highlights.clips import SIDE, See, Steps
from everyframe.highlights.looking import STEP
from everyframe.vision import motion
from everyframe.vision.backbones import Eyes, Identity, open_eyes
from everyframe.vision.design import Design
from everyframe.vision.front import mirrored
from everyframe.vision.pooled import THIRDS, Likeness, in_time, look, widths
from everyframe.vision.runtime import Runtime

FORMAT = 2
"""Version of the file's form."""

FEWEST = 5
"""Examples that a class needs at least."""

LIKENESS = "likeness"
"""Name of what the reading by likeness says, beside the heads'."""

NOTHING = "nothing"
"""Name of the class of what is no event; what is taught under it is never told."""

_LIKENESS = ("mean", "spread", "rows", "kinds", "weights", "prior")  # its parts, in order
_SEEN = "seen"  # what a published network saw, beside the streams
_TAKEN = 0.02  # share of the others' examples that a new class may take
_MARGIN = 0.5  # more than that, for they are those that the network was trained on


@dataclass(slots=True, eq=False)
class Library:
    """What was taught.

    Attributes:
        classes: Names, in order.
        design: What the network is made of.
        mirror: Whether left and right mean the same.
        model: The network as ONNX: streams of one window to embeddings; empty where there is none.
        scale: What cosines are multiplied by before they are made probabilities.
        directions: ``(classes, width)`` of each head; a class is where its examples lie.
        likeness: What reads the maps without the network.
        drawn: Whether the network that ships, which learned from drawn people, looks for it, too.
        backbone: The published network that looks for it, too, where one earns its place; not its weights.
        offsets: ``(classes,)`` added to what each class says; 0 for those that the network was trained on.
        sharpness: What the -1 to 1 of the reading by likeness is multiplied by (Platt, 1999).
        bar: How sure one must be that anything of what was taught happens, for it to be told; see
            ``highlights.calibrating``.
        lengths: Steps of the windows in which events are looked for, in rising order.
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
    likeness: Likeness
    offsets: NDArray[np.float32]
    known: list[NDArray[np.float32]]
    labels: NDArray[np.int64]
    drawn: bool = False
    backbone: Identity | None = None
    sharpness: float = 16.0
    bar: float = 0.5
    lengths: list[int] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    _runtime: Runtime | None = field(default=None, repr=False)
    _eyes: Eyes | None = field(default=None, repr=False)

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the classes that are events, without ``nothing``."""
        return tuple(name for name in self.classes if name != NOTHING)

    @property
    def eyes(self) -> Eyes | None:
        """The published network, ready to run, where it was taught with one.

        Raises:
            WeightsError: It is not on this machine; the line says which file to put where.
        """
        if self._eyes is None and self.backbone is not None:
            self._eyes = open_eyes(self.backbone)
        return self._eyes if self.backbone is not None else None

    @property
    def see(self) -> See | None:
        """How to see what this library reads, for ``steps_of`` and ``crop``; nothing where maps are enough.

        Raises:
            WeightsError: See ``eyes``.
        """
        return partial(self.eyes.views, mirror=self.mirror) if self.eyes is not None else None

    def look_with(self, eyes: Eyes | None) -> None:
        """Have a published network look, too, or none."""
        self.backbone, self._eyes = (eyes.identity, eyes) if eyes is not None else (None, None)

    def views(self, steps: Steps) -> list[dict[str, NDArray[np.float32]]]:
        """Return the maps of a window as they are and, where sides mean nothing, mirrored."""
        plain = {name: maps.astype(np.float32) for name, maps in steps.maps.items()}
        found = [plain]
        if self.mirror:
            found.append({name: np.ascontiguousarray(mirrored(name, maps)) for name, maps in plain.items()})
        if self.backbone is not None:
            if steps.seen is None or len(steps.seen) != len(found):
                raise SettingError(
                    f"these steps are without {self.backbone.name}: use steps_of(segment, library.see)"
                )
            for view, seen in zip(found, steps.seen, strict=True):
                view[_SEEN] = seen.astype(np.float32)
        return found

    def embed(self, views: Sequence[Mapping[str, NDArray[np.float32]]]) -> list[NDArray[np.float32]]:
        """Return how each head sees a window, ``(views, width)``."""
        if not self.model:
            return []
        if self._runtime is None:
            self._runtime = Runtime(self.model)
        streams = self.design.streams
        seen = [self._runtime.run({name: view[name][None] for name in streams}) for view in views]
        return [np.concatenate([view[head] for view in seen]) for head in range(len(self.directions))]

    def opinions(self, steps: Steps) -> dict[str, NDArray[np.float32]]:
        """Return what each head, and the reading by likeness, says for each class, ``(classes,)``."""
        views = self.views(steps)
        said = {
            name: self.scale * (seen @ unit(told).T).mean(axis=0)
            for name, seen, told in zip(self.heads, self.embed(views), self.directions, strict=True)
        }
        rows = np.stack([self.look(view) for view in views])
        return {**said, LIKENESS: self.sharpness * self.likeness.scores(rows).mean(axis=0)}

    def look(self, view: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return the row ``(width,)`` that a view is read by likeness with."""
        row = [look(view, self.design.streams)]
        if self.drawn:
            row.append(motion.embed(view, self.design.streams))
        if self.backbone is not None:
            row.append(in_time(view[_SEEN]))
        return np.concatenate(row)

    @property
    def widths(self) -> list[int]:
        """Widths of the groups of columns in such a row."""
        found = widths(self.design.streams)
        if self.drawn:
            found += [motion.WIDTH] * len(self.design.streams)
        if self.eyes is not None:
            found.append(self.eyes.width * (THIRDS + 1))
        return found

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of the network's heads: the streams, or ``both`` where they are joined early."""
        if not self.model:
            return ()
        early = self.design.fusion == "early" and len(self.design.streams) > 1
        return ("both",) if early else self.design.streams

    def scores(self, steps: Steps | Sequence[Steps]) -> NDArray[np.float32]:
        """Return ``(classes,)`` what each class says of a window, or the mean over several."""
        several = [steps] if isinstance(steps, Steps) else list(steps)
        said = [self.joined(self.opinions(one)) for one in several]
        return np.asarray(np.mean(said, axis=0) + self.offsets, np.float32)

    def joined(self, opinions: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return ``(..., classes)``: what the heads say in the mean, and the reading by likeness."""
        said = opinions[LIKENESS]
        if self.heads:
            said = said + np.mean([opinions[name] for name in self.heads], axis=0)
        return np.asarray(said, np.float32)

    def probabilities(self, steps: Steps | Sequence[Steps]) -> NDArray[np.float32]:
        """Return ``(classes,)`` probabilities of a window of any length, such as one that slides."""
        return softmax(self.scores(steps))

    def sure(self, told: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return how sure ``(..., classes)`` probabilities are that any event happens, whatever its name.

        Which of two strokes it was may be hard to say where that it was one is plain. Of a library that was
        taught no ``nothing`` it is the probability of the likeliest event.
        """
        real = np.array([name != NOTHING for name in self.classes])
        if real.all():
            return np.asarray(told.max(axis=-1), np.float32)
        return np.asarray(1.0 - told[..., ~real].sum(axis=-1), np.float32)

    def add(self, name: str, examples: Sequence[Sequence[Steps]]) -> None:
        """Add a class from a few examples, without seeing or training the others again.

        Its direction is the mean of its examples (Qi, Brown and Lowe, CVPR 2018), with an offset that keeps
        it from taking theirs; the reading by likeness is solved again, which takes a moment.

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
        seen, rows = self.remember(examples)
        self.labels = np.append(self.labels, np.full(len(examples), len(self.classes)))
        for head, told in enumerate(seen):
            new = unit(told.mean(axis=0))[None]
            self.directions[head] = np.concatenate([self.directions[head], new]).astype(np.float32)
            self.known[head] = np.concatenate([self.known[head], told]).astype(np.float32)
        self.likeness.add(rows)
        self.offsets = np.append(self.offsets, np.float32(self._offset()))
        self.classes.append(name)

    def remember(
        self, examples: Sequence[Sequence[Steps]]
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.float16]]:
        """Return how each head sees examples, ``(n, width)``, and the rows of the reading by likeness."""
        known: list[list[NDArray[np.float32]]] = [[] for _ in self.heads]
        rows = []
        for one in examples:
            several = [self.views(window) for window in one]
            embedded = [self.embed(views) for views in several]
            for head, kept in enumerate(known):
                kept.append(unit(np.concatenate([views[head] for views in embedded]).mean(axis=0)))
            looked = [[self.look(view) for view in views] for views in several]
            rows.append(np.mean(looked, axis=0))
        flat = np.concatenate([np.stack(view) for view in zip(*rows, strict=True)])
        return [np.stack(kept) for kept in known], flat.astype(np.float16)

    def _offset(self) -> float:
        """Return what to add to the newest class, for its direction to take few of the others' examples.

        The reading by likeness needs none: it was told of their examples.
        """
        if not self.heads:
            return 0.0
        heads = zip(self.known, self.directions, strict=True)
        said = self.scale * np.mean([seen @ unit(told).T for seen, told in heads], axis=0)
        others = self.labels < said.shape[1] - 1
        margin = said[others, :-1].max(axis=1) - said[others, -1]
        return min(0.0, float(np.quantile(margin, _TAKEN)) - _MARGIN)

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
            **{f"likeness.{part}": getattr(self.likeness, part) for part in _LIKENESS},
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
            "drawn": self.drawn,
            "backbone": asdict(self.backbone) if self.backbone is not None else None,
            "sharpness": self.sharpness,
            "bar": self.bar,
            "lengths": self.lengths,
            "groups": self.likeness.groups,
            "step": STEP,
            "square": SIDE,
            "about": self.about,
        }
        # Safetensors writes an array as it lies in memory, whatever its order there.
        tensors = {name: np.ascontiguousarray(told) for name, told in tensors.items()}
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
                likeness=Likeness(
                    [int(width) for width in header["groups"]],
                    *(tensors[f"likeness.{part}"] for part in _LIKENESS),
                ),
                offsets=tensors["offsets"],
                known=[tensors[f"known.{head}"] for head in heads],
                labels=tensors["labels"],
                drawn=bool(header["drawn"]),
                backbone=Identity(**header["backbone"]) if header.get("backbone") else None,
                sharpness=float(header["sharpness"]),
                bar=float(header["bar"]),
                lengths=[int(one) for one in header["lengths"]],
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


def unit(rows: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return rows of length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)
