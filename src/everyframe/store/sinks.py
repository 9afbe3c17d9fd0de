"""Where events go: into the store, or out as lines of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from everyframe.errors import StorageError
from everyframe.files import atomic_write, storage_error
from everyframe.store.clips import clip_for, clip_window
from everyframe.store.pictures import png, thumbnail
from everyframe.store.ring import FrameRing
from everyframe.store.run import Run
from everyframe.types import RGB, Event, Frame, Replayable, Source


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What goes with an event, as far as it is at hand.

    Attributes:
        frame: The picture at the peak.
        heat: ``(gh, gw)`` in [0, 1] on any grid over the whole frame: where it deviates, how much.
        source: Where it was seen.
        ring: The last seconds of a live source.
        fps: Frames per second, about.
        why: A drawing of what deviates.
    """

    frame: Frame | None = None
    heat: NDArray[np.floating[Any]] | None = None
    source: Source | Replayable | None = None
    ring: FrameRing | None = None
    fps: float | None = None
    why: RGB | None = None


@runtime_checkable
class Sink(Protocol):
    """Somewhere that events are delivered to. A subclass needs ``deliver`` only.

    ``evidence`` is what goes with the event; a sink takes from it what it can use.
    """

    def deliver(self, event: Event, evidence: Evidence) -> bool:
        """Deliver an event.

        Returns:
            Whether it was delivered. ``False`` means that nobody is there to take it, now or later.

        Raises:
            EveryframeError: If a person has to mend something before anything can be delivered.
        """
        ...

    def advance(self, time: float) -> None:  # noqa: ARG002 - not everybody waits
        """Hear that the footage has come to ``time`` (seconds): what waited for that can be done."""
        return

    def close(self) -> None:
        """Do what is left to do; safe to call twice."""
        return


class StoreSink(Sink):
    """Writes the row, the pictures and the clip of each event.

    The row is on the disk first, so that no kill loses the event. The clip of a live source is written when
    the seconds after the event have come (``advance``), or at the end (``close``).

    Args:
        run: The run that finds the events.
        folder: Where clips and pictures go; the store's folder by default. Made where it is missing.
        before: Seconds that a clip shows before the event.
        after: Seconds that it shows after it.
        also: Called with the session, the event and its number in the transaction that keeps the event.

    Attributes:
        delivered: The numbers of the events, in order.
    """

    def __init__(
        self,
        run: Run,
        folder: Path | str | None = None,
        *,
        before: float = 3.0,
        after: float = 3.0,
        also: Callable[[Session, Event, int], None] | None = None,
    ) -> None:
        self._also = also
        self.delivered: list[int] = []
        self._run = run
        self._folder = Path(folder) if folder is not None else run.folder
        self._before, self._after = before, after
        self._waiting: list[tuple[int, Event, Evidence]] = []

    def path_of(self, event_id: int, suffix: str) -> Path:
        """Return where the clip (``.mp4``), thumbnail (``.jpg``) or drawing (``.png``) of an event lies."""
        return self._folder / f"{event_id:04d}{suffix}"

    def deliver(self, event: Event, evidence: Evidence) -> bool:
        """Keep an event; see ``Sink.deliver``."""
        number = self.begin(event)
        self.draw(number, event, evidence)
        self._clip_when_due(number, event, evidence)
        return True

    def begin(self, event: Event) -> int:
        """Keep an event that may still go on; return its number. ``draw`` and ``end`` follow.

        Raises:
            StorageError: If it cannot be written.
        """
        also = self._also
        kept = None if also is None else lambda session, number: also(session, event, number)
        number = self._run.add_event(event, also=kept)
        self.delivered.append(number)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error, self._folder) from error
        return number

    def end(self, number: int, event: Event, evidence: Evidence) -> None:
        """Say how an event that was begun has ended; its clip follows when its last second has come.

        Raises:
            StorageError: If it cannot be written.
        """
        self._run.revise(number, event)
        self.draw(number, event, evidence)
        self._clip_when_due(number, event, evidence)

    def draw(self, number: int, event: Event, evidence: Evidence) -> None:
        """Keep the pictures of an event.

        Raises:
            StorageError: If they cannot be written.
        """
        if evidence.frame is not None:
            picture = self.path_of(number, ".jpg")
            size = evidence.ring.frame_size if evidence.ring is not None else None
            atomic_write(picture, thumbnail(evidence.frame, event.box, evidence.heat, frame_size=size))
            self._run.attach(number, thumbnail=picture)
        if evidence.why is not None:
            drawing = self.path_of(number, ".png")
            atomic_write(drawing, png(evidence.why))
            self._run.attach(number, why=drawing)

    def _clip_when_due(self, number: int, event: Event, evidence: Evidence) -> None:
        if isinstance(evidence.source, Replayable):
            self._write_clip(number, event, evidence)
        elif evidence.ring is not None:
            if (number, event, evidence) not in self._waiting:
                self._waiting.append((number, event, evidence))
            latest = evidence.ring.latest
            if latest is not None:
                self.advance(latest)

    def advance(self, time: float) -> None:
        """Write the clips whose last second has come."""
        ready = [
            entry for entry in self._waiting if clip_window(entry[1], self._before, self._after)[1] <= time
        ]
        for entry in ready:
            self._write_clip(*entry)
            self._waiting.remove(entry)  # now: where it could not be written, it is tried again

    def close(self) -> None:
        """Write the clips that still wait, as long as they got."""
        while self._waiting:
            self._write_clip(*self._waiting[0])
            self._waiting.pop(0)

    def _write_clip(self, number: int, event: Event, evidence: Evidence) -> None:
        clip = clip_for(
            event,
            evidence.source,
            evidence.ring,
            self.path_of(number, ".mp4"),
            before=self._before,
            after=self._after,
            fps=evidence.fps,
        )
        if clip is not None:
            self._run.attach(number, clip=clip)


class JsonLinesSink(Sink):
    """Writes each event as one line of JSON (``null`` for numbers that JSON does not know).

    Args:
        stream: Where to; it is flushed after each line and never closed.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def deliver(self, event: Event, evidence: Evidence) -> bool:  # noqa: ARG002 - a line holds no pictures
        """Write a line; ``False`` where the reader has gone (a closed pipe)."""
        try:
            self._stream.write(json_line(event) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            return False
        except OSError as error:
            raise storage_error(error, getattr(self._stream, "name", "the output")) from error
        except ValueError:
            raise StorageError("Cannot write the event: the output is closed already.") from None
        return True


def json_line(event: Event, extra: Mapping[str, Any] | None = None) -> str:
    """Say an event in one line of JSON; ``extra`` fields (clip, camera) come last."""
    fields = {**asdict(event), "duration": event.duration, **(extra or {})}
    return json.dumps(_plain(fields), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, Path) else value
