"""What `segment predict` writes: masks, overlays, films and tables, each file whole or not at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from everyframe.cli.segment.naming import Job, make_folder
from everyframe.errors import SourceUnreadable
from everyframe.files import atomic_write
from everyframe.sources import masked, open_source
from everyframe.types import RGB, Frame, Gap, StreamInfo
from everyframe.vision.dense.areas import Areas, in_words
from everyframe.vision.dense.drawing import jpeg, overlay, palette_png, with_legend
from everyframe.vision.dense.footage import Segmented, segment_frames
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.pictures import read_picture


@dataclass(frozen=True, slots=True)
class Done:
    """How far it has come; see ``cli.progress``."""

    seconds: float
    total: float | None
    source: str


class Kept:
    """Segments pictures and footage, and writes what was asked for.

    Args:
        folder: Where.
        network: What segments.
        masks: Whether to write masks; by default those of pictures, not those of footage.
        overlay: Whether to write overlays.
        legend: Whether they say what colours mean.
        opacity: How much the colours cover.
        stop: Asked between two pictures whether to end.
    """

    def __init__(
        self,
        folder: Path,
        network: Segmenter,
        *,
        masks: bool | None,
        overlay: bool,
        legend: bool,
        opacity: float,
        stop: Callable[[], bool],
    ) -> None:
        self._folder, self._network = folder, network
        self._masks, self._overlay, self._legend = masks, overlay, legend
        self._opacity = opacity
        self._stop = stop
        self._pictures = Areas(network.classes, "picture")
        self._told = np.zeros(len(network.classes))
        self.written = 0
        """Files, so far."""

    def picture(self, job: Job) -> dict[str, object]:
        """Segment a picture; return its row of the table.

        Raises:
            DatasetError: It cannot be read.
            StorageError: Something cannot be written.
        """
        picture = read_picture(Path(job.spec))
        mask = self._network.predict(picture)
        if self._masks is not False:
            self._write(f"{job.name}.mask.png", palette_png(mask, self._network.classes))
        if self._overlay:
            drawn = self._drawn(picture, mask)
            if self._legend:
                drawn = with_legend(drawn, mask, self._network.classes)
            self._write(f"{job.name}.overlay.jpg", jpeg(drawn))
        one = Areas(self._network.classes, "picture")
        one.add(job.spec, mask)
        self._told = one.mean()
        return self._pictures.add(job.spec, mask)

    def footage(
        self,
        job: Job,
        *,
        every: float,
        smooth: float,
        longest: float | None,
        timeout: float,
        row: Callable[[dict[str, object]], None],
        tell: Callable[[Done], None],
    ) -> bool:
        """Segment footage; say whether there was anything before somebody stopped it.

        Args:
            job: What.
            every: Seconds between two pictures.
            smooth: Seconds that scores are averaged over.
            longest: Seconds to look at.
            timeout: Seconds to wait for a URL or a device.
            row: Given each row of its table as it comes.
            tell: Told how far it has come.

        Raises:
            SourceError: It cannot be read.
            StorageError: Something cannot be written.
        """
        from everyframe.store import write_clip  # loads the database: not for a picture

        areas = Areas(self._network.classes, "time")
        with closing(open_source(job.spec, timeout=timeout)) as source:
            info = source.info
            items = self._until(source, longest)
            seen = segment_frames(items, self._network, every=every, smooth=smooth)
            frames = self._frames(job, info, longest, seen, areas, row, tell)
            first = next(frames, None)
            if first is None:
                if self._stop():
                    return False
                raise SourceUnreadable(f"{masked(job.spec)}: there is no picture in it")
            frames = chain([first], frames)
            if self._overlay:
                write_clip(frames, self._folder / f"{job.name}.overlay.mp4", fps=_rate(info, every))
                self.written += 1
            else:
                deque(frames, maxlen=0)
        self._told = areas.mean()
        self._write(f"{job.name}.areas.csv", areas.to_csv().encode())
        return True

    def said(self, job: Job) -> str:
        """Say in a line what the picture or the footage that came last shows."""
        return f"{masked(job.spec)}  {in_words(self._told, self._network.classes)}"

    def finish(self) -> None:
        """Write the table of all pictures.

        Raises:
            StorageError: It cannot be written.
        """
        if len(self._pictures):
            self._write("areas.csv", self._pictures.to_csv().encode())

    def _frames(
        self,
        job: Job,
        info: StreamInfo,
        longest: float | None,
        seen: Iterator[Segmented],
        areas: Areas,
        row: Callable[[dict[str, object]], None],
        tell: Callable[[Done], None],
    ) -> Iterator[Frame]:
        """Yield the pictures of the film, and see to masks and table on the way."""
        folder = self._folder / f"{job.name}.masks"
        if self._masks:
            make_folder(folder)
        total = min((end for end in (info.duration, longest) if end is not None), default=None)
        begin: float | None = None
        for one in seen:
            frame = one.frame
            begin = frame.time if begin is None else begin
            row(areas.add(frame.time, one.mask))
            if self._masks:
                atomic_write(folder / f"{frame.index:06d}.png", palette_png(one.mask, self._network.classes))
                self.written += 1
            tell(Done(frame.time - begin, total, info.name))
            drawn = partial(self._drawn, one.picture, one.mask)
            yield Frame(frame.index, frame.time, frame.luma, to_rgb=drawn)

    def _until(self, items: Iterable[Frame | Gap], longest: float | None) -> Iterator[Frame | Gap]:
        """Yield what comes until somebody stops it, or for so many seconds."""
        begin: float | None = None
        for item in items:
            time = item.time if isinstance(item, Frame) else item.end
            begin = time if begin is None else begin
            if self._stop() or (longest is not None and time - begin >= longest):
                return
            yield item

    def _drawn(self, picture: RGB, mask: NDArray[np.uint8]) -> RGB:
        return overlay(picture, mask, self._network.classes, self._opacity)

    def _write(self, name: str, data: bytes) -> None:
        atomic_write(self._folder / name, data)
        self.written += 1


def _rate(info: StreamInfo, every: float) -> float | None:
    """Return how many pictures a second the film has."""
    rate = float(info.fps) if info.fps else None
    return min(rate or 1.0 / every, 1.0 / every) if every > 0 else rate
