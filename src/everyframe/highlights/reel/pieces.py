"""How each cut gets into the film: which of its pictures are copied, and which are encoded again."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from everyframe.highlights.reel import h264
from everyframe.highlights.reel.encoding import Encoded, Encoder, Form, black, fitted
from everyframe.highlights.reel.footage import Footage
from everyframe.highlights.reel.planning import Cut
from everyframe.highlights.reel.reading import Survey, copied, decoded

_THIN = 0.95  # of an interval: pictures of sped-up parts that come faster are left out


@dataclass(slots=True)
class Piece:
    """A cut, and where it lies in the film.

    Attributes:
        cut: What was planned.
        footage: Where it comes from.
        found: Its pictures.
        start: Seconds in the film, exactly.
        copies: Whether its packets may be copied.
        lost: How many of its pictures could not be decoded, once it is in the film.
    """

    cut: Cut
    footage: Footage
    found: Survey
    start: Fraction
    copies: bool
    lost: int = 0

    @property
    def first(self) -> float:
        """Seconds of its first picture, on the source's own clock."""
        return self.footage.time(int(self.found.stamps[0]))

    @property
    def last(self) -> float:
        """Seconds at which its last picture is over, likewise."""
        return self.footage.time(self.found.end)

    @property
    def seconds(self) -> Fraction:
        """How long it lasts in the film, exactly."""
        ticks = self.found.end - int(self.found.stamps[0])
        return ticks * self.footage.time_base / Fraction(self.cut.speed).limit_denominator(1000)

    @property
    def end(self) -> Fraction:
        """Seconds in the film at which it is over."""
        return self.start + self.seconds

    @property
    def copied(self) -> int:
        """How many pictures are copied."""
        return self.found.copied if self.copies and self.cut.speed == 1.0 else 0

    @property
    def encoded(self) -> int:
        """How many pictures are encoded again."""
        return len(self.found.stamps) - self.copied

    def pictures(self, form: Form) -> Generator[tuple[Encoded, int]]:
        """Yield its pictures in the order of decoding, and how many ticks of the film each lasts."""
        if not self.copied:
            yield from self._encode(0, len(self.found.stamps), form)
            return
        begin = self.found.restart
        end = begin + self.copied
        yield from self._encode(0, begin, form)
        yield from self._copy(form)
        yield from self._encode(end, len(self.found.stamps), form)

    def _tick(self, stamp: int, form: Form) -> int:
        """Return when a picture is shown in the film."""
        speed = Fraction(self.cut.speed).limit_denominator(1000)
        since = (stamp - int(self.found.stamps[0])) * self.footage.time_base / speed
        return round((self.start + since) * form.ticks)

    def _lasts(self, stamp: int, form: Form) -> int:
        after = int(np.searchsorted(self.found.stamps, stamp, side="right"))
        following = self.found.stamps[after] if after < len(self.found.stamps) else self.found.end
        return max(1, self._tick(int(following), form) - self._tick(stamp, form))

    def _copy(self, form: Form) -> Generator[tuple[Encoded, int]]:
        assert self.footage.header is not None
        length = self.footage.header.length
        with closing(copied(self.footage, self.found)) as packets:
            for packet in packets:
                assert packet.pts is not None
                encoded = _whole(packet, length, self._tick(packet.pts, form))
                yield encoded, self._lasts(packet.pts, form)

    def _encode(self, begin: int, end: int, form: Form) -> Generator[tuple[Encoded, int]]:
        if begin >= end:
            return
        encoder = Encoder(form)
        lasts: dict[int, int] = {}
        for stamp, picture in self._decoded(begin, end, form):
            tick = self._tick(stamp, form)
            lasts[tick] = self._lasts(stamp, form)
            for one in encoder.encode(picture, tick):
                yield one, lasts.pop(one.tick)
        for one in encoder.finish():
            yield one, lasts.pop(one.tick)

    def _decoded(self, begin: int, end: int, form: Form) -> Generator[tuple[int, VideoFrame]]:
        """Yield pictures in the form of the film; of those that cannot be decoded the one before stays."""
        wanted = self.found.stamps[begin:end]
        came = 0
        with closing(fitted(self._wanted(wanted), self.footage, form)) as pictures:
            for stamp, picture in pictures:
                # A piece begins with a picture, if need be with one that should come later.
                yield (stamp if came else int(wanted[0])), picture
                came += 1
        if not came:
            yield int(wanted[0]), black(form)
        if self.cut.speed == 1.0:
            self.lost += len(wanted) - came

    def _wanted(
        self, stamps: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> Generator[tuple[int, VideoFrame]]:
        known = set(stamps.tolist())
        over = int(stamps[-1])
        least = _THIN / float(self.footage.rate * self.footage.time_base) * self.cut.speed
        latest = -np.inf
        with closing(decoded(self.footage, int(stamps[0]))) as pictures:
            for stamp, picture in pictures:
                if stamp > over:
                    return
                if stamp in known and (self.cut.speed == 1.0 or stamp - latest >= least):
                    latest = stamp
                    yield stamp, picture
                if stamp == over:
                    return


def _whole(packet: av.Packet[VideoStream], length: int, tick: int) -> Encoded:
    return Encoded(h264.packed(bytes(packet), length), tick, packet.is_keyframe)
