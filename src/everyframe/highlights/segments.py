"""A stretch of footage in which something happens: what is taught, what is found, what is indexed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from everyframe.errors import SettingError

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Segment:
    """A labelled stretch of one source.

    Attributes:
        start: Seconds on the source's own clock.
        end: Likewise; after ``start``.
        label: What happens, as people name it: ``smash``, ``home run``.
        confidence: From 0 to 1; 1 where a person said so.
        source: Path of the footage; empty where there is only one it could be.
        about: Who, where and when, by name: ``player``, ``team``, ``competition``, ``date``.

    Raises:
        SettingError: It ends before it begins, or says nothing.
    """

    start: float
    end: float
    label: str
    confidence: float = 1.0
    source: str = ""
    about: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        if not self.label.strip():
            raise SettingError("a segment needs a label that says what happens in it")
        if not self.end > self.start >= 0.0:
            raise SettingError(
                f"{self.label} ends at {self.end:g} s and begins at {self.start:g} s:"
                " a segment begins at 0 s or later and ends after that"
            )

    def __reduce__(self) -> tuple[type[Segment], tuple[object, ...]]:
        """Return what makes it again: it goes from process to process."""
        return Segment, (self.start, self.end, self.label, self.confidence, self.source, dict(self.about))

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start

    def overlap(self, other: Segment) -> float:
        """Return the share of time that two have in common: intersection over union, from 0 to 1."""
        common = min(self.end, other.end) - max(self.start, other.start)
        if common <= 0.0 or self.source != other.source:
            return 0.0
        return common / (self.seconds + other.seconds - common)
