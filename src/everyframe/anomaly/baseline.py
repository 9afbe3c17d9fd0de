"""A baseline: what one camera holds for normal, as one file that a stranger may send."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from everyframe.anomaly.calibration import MOMENT, Tail
from everyframe.anomaly.density import DensityDetector
from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.ensemble import Ensemble
from everyframe.anomaly.grounds import UNKNOWN, Grounds
from everyframe.anomaly.hourly import HourTails
from everyframe.anomaly.registry import kinds_of
from everyframe.anomaly.windows import Windows
from everyframe.errors import BaselineCorrupt, BaselineMismatch, SettingError, SourceNotFound
from everyframe.files import atomic_write
from everyframe.motion.background import Background
from everyframe.motion.field import MotionSettings
from everyframe.motion.perspective import Perspective
from everyframe.sealed import Damaged, NotSealed, seal, unseal
from everyframe.types import StreamInfo

FORMAT = 3
"""Version of the file's form."""

_MAGIC = b"EVERYFRM"


@dataclass(slots=True)
class About:
    """Where a baseline comes from.

    Attributes:
        sources: Names of what it learned from, without credentials.
        seconds: Seconds of footage.
        width: Pixels.
        height: Pixels.
        motion: ``flow`` or ``codec``.
        detector: Name of the detector, or of several joined by ``+``.
        created: ISO 8601, UTC.
        version: Of Everyframe.
        hours: Seconds of footage in each local hour of the day; the 25th entry is without a clock.
    """

    sources: list[str]
    seconds: float
    width: int
    height: int
    motion: str
    detector: str
    created: str
    version: str
    hours: list[float] = field(default_factory=lambda: [0.0] * 25)


@dataclass(slots=True, eq=False)
class Baseline:
    """What is normal for one camera.

    Attributes:
        about: Where it comes from.
        settings: How motion is measured.
        perspective: Typical height of what moves, by row.
        ensemble: The detectors, with what they learned.
        background: What was learned of what stays.
        attributes: How each attribute's score is distributed over normal moments.
        tail: The same for the joint score.
        hours: The same by time of day.
        grounds: What things move on, where that was looked at.
    """

    about: About
    settings: MotionSettings
    perspective: Perspective
    ensemble: Ensemble
    background: Background
    attributes: list[Tail]
    tail: Tail
    hours: HourTails = field(default_factory=HourTails)
    grounds: Grounds | None = None

    @property
    def detector(self) -> DensityDetector:
        """What is normal by place and hour, whichever detector judges."""
        return self.ensemble.maps

    @property
    def voices(self) -> tuple[Attribute, ...]:
        """How each attribute is read, given how much footage is known."""
        pairs = zip(self.ensemble.attributes, self.attributes, strict=True)
        return tuple(attribute.after(tail.count) for attribute, tail in pairs)

    @property
    def windows(self) -> Windows:
        """Windows of the size of a body, for this camera."""
        size = (self.about.width, self.about.height)
        return Windows(self.perspective, self.settings.grid_size(size), size)

    @property
    def calibrated_seconds(self) -> float:
        """Seconds of normal footage that the calibration stands on."""
        return self.tail.count * MOMENT

    def check(self, info: StreamInfo) -> None:
        """Make sure that a source has the frame size that this baseline knows.

        Raises:
            BaselineMismatch: If it has not.
        """
        if (info.width, info.height) != (self.about.width, self.about.height):
            raise BaselineMismatch(
                f"{info.name} is {info.width}x{info.height}, but the baseline was learned at"
                f" {self.about.width}x{self.about.height}: learn one from this camera with `everyframe learn`"
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as one file, whole or not at all.

        Raises:
            StorageError: If the place does not take it.
        """
        atomic_write(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the file; see ``everyframe.sealed``."""
        tensors: dict[str, NDArray[Any]] = {}
        for name, value in self.ensemble.state().items():
            tensors[f"detector.{name}"] = value
        for number, tail in enumerate([*self.attributes, self.tail]):
            for name, value in tail.state().items():
                tensors[f"tail.{number}.{name}"] = value
        for name, value in self.hours.state().items():
            tensors[f"hours.{name}"] = value
        if self.background.looks is not None:
            tensors["background.looks"] = self.background.looks
        if self.grounds is not None:
            tensors["grounds"] = self.grounds.places
        header = {
            "format": FORMAT,
            "about": asdict(self.about),
            "settings": asdict(self.settings),
            "perspective": asdict(self.perspective),
            "tails": len(self.attributes),
            "background": {
                "surroundings": self.background.surroundings,
                "memory": self.background.memory,
                "seen": self.background.seen,
            },
            "grounds": list(self.grounds.names) if self.grounds is not None else [],
        }
        return seal(_MAGIC, tensors, header)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Baseline:
        """Read a baseline; nothing in the file is ever run.

        Raises:
            SourceNotFound: If there is no such file.
            BaselineCorrupt: If it is damaged, not a baseline, or of a later version.
        """
        place = Path(path)
        try:
            data = place.read_bytes()
        except FileNotFoundError as error:
            raise SourceNotFound(f"there is no baseline {place}: make one with `everyframe learn`") from error
        except OSError as error:
            raise BaselineCorrupt(f"{place} cannot be read: {error.strerror}") from error
        return cls.from_bytes(data, str(place))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "the baseline") -> Baseline:
        """Read what ``to_bytes`` wrote.

        Raises:
            BaselineCorrupt: If it is damaged, not a baseline, or of a later version.
        """
        try:
            header, tensors = unseal(_MAGIC, data)
            if header["format"] != FORMAT:
                other = "a later" if header["format"] > FORMAT else "an earlier"
                raise BaselineCorrupt(f"{name} was made by {other} Everyframe: update, or learn it again")
            return cls._build(header, tensors)
        except NotSealed as error:
            raise BaselineCorrupt(f"{name} is not a baseline: make one with `everyframe learn`") from error
        except Damaged as error:
            raise BaselineCorrupt(
                f"{name} is damaged (its checksum is wrong): take a copy, or learn it again"
            ) from error
        except SettingError as error:
            raise BaselineCorrupt(f"{name} needs a detector that is not installed: {error}") from error
        except (KeyError, TypeError, ValueError, SafetensorError, IndexError, AttributeError) as error:
            raise BaselineCorrupt(
                f"{name} is not a baseline that this version can read: learn it again"
            ) from error

    @classmethod
    def _build(cls, header: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> Baseline:
        def part(prefix: str) -> dict[str, NDArray[Any]]:
            return {key[len(prefix) :]: value for key, value in tensors.items() if key.startswith(prefix)}

        about, settings = About(**header["about"]), MotionSettings(**header["settings"])
        perspective = Perspective(**header["perspective"])
        size = (about.width, about.height)
        ensemble = Ensemble(kinds_of(about.detector), Windows(perspective, settings.grid_size(size), size))
        ensemble.restore(part("detector."))
        kept = header["background"]
        background = Background(kept["surroundings"], kept["memory"])
        background.seen = kept["seen"]
        looks = tensors.get("background.looks")
        background.looks = None if looks is None else looks.astype(np.float32)
        tails = [Tail.restored(part(f"tail.{number}.")) for number in range(header["tails"] + 1)]
        if len(tails) != len(ensemble.attributes) + 1:
            raise ValueError("there are other attributes than the detector has")
        return cls(
            about,
            settings,
            perspective,
            ensemble,
            background,
            tails[:-1],
            tails[-1],
            HourTails.restored(part("hours.")),
            _grounds(header, tensors),
        )


def _grounds(header: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> Grounds | None:
    """Read what a baseline says of the ground; those of earlier versions say nothing."""
    names, places = tuple(str(name) for name in header.get("grounds", ())), tensors.get("grounds")
    if not names or places is None:
        return None
    known = places[places != UNKNOWN]
    if places.ndim != 2 or not places.size or places.dtype != np.uint8 or (known >= len(names)).any():
        raise ValueError("a ground that there is not")
    return Grounds(names, places)
