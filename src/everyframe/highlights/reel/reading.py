"""Reading stretches of footage: which pictures lie in one, their packets, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from everyframe.errors import SourceUnreadable
from everyframe.highlights.reel import h264
from everyframe.highlights.reel.footage import Footage, packets_of

_BACK = (0.0, 2.0, 10.0, None)  # seconds before the wanted time to try, where an index leads past it
_PATIENCE = 64  # packets after the end in which one may still belong before it


@dataclass(frozen=True, slots=True)
class Survey:
    """Which pictures lie in a stretch of footage.

    Attributes:
        stamps: Of its pictures, in the order of showing, in ticks.
        end: Stamp at which the last one is over.
        copied: How many pictures, from ``restart`` on, can be copied as packets in the order of the file.
        restart: Index in ``stamps`` of the first picture that can be copied.
        reorder: How many pictures later than shown a picture is decoded at most.
    """

    stamps: NDArray[np.int64]
    end: int
    copied: int
    restart: int
    reorder: int


@dataclass(slots=True)
class _Seen:
    """The packets of a stretch, as far as they have come."""

    stamps: list[int] = field(default_factory=list)  # in the order of the file, from a key frame on
    restarts: list[int] = field(default_factory=list)  # indices of those at which a decoder can begin
    last: int | None = None  # decoding stamp
    duration: int = 0


def survey(footage: Footage, start: float, end: float) -> Survey:
    """Find the pictures with ``start <= time < end`` without decoding them.

    Args:
        footage: Where.
        start: Seconds.
        end: Likewise.

    Raises:
        SourceUnreadable: The file's timestamps are broken there.
    """
    first, over = footage.stamp(start), footage.stamp(end)
    if not footage.orderly:
        return _decoded_survey(footage, first, over)
    seen = _Seen()
    copyable = not footage.obstacle
    with closing(packets_from(footage, first)) as packets:
        for packet in packets:
            if packet.size == 0:
                continue
            if packet.pts is None:
                return _decoded_survey(footage, first, over)
            stamp = packet.dts if packet.dts is not None else packet.pts
            if packet.dts is not None and seen.last is not None and packet.dts < seen.last:
                raise SourceUnreadable(
                    f"{footage.name}: its timestamps leap back near {footage.time(packet.pts):.1f} s;"
                    " convert it first, for example to MP4"
                )
            seen.last = packet.dts
            if copyable and packet.is_keyframe and first <= packet.pts < over:
                assert footage.header is not None
                if h264.restarts(bytes(packet), footage.header):
                    seen.restarts.append(len(seen.stamps))
            seen.stamps.append(packet.pts)
            seen.duration = packet.duration or 0
            after = [one for one in seen.stamps[-_PATIENCE:] if one >= over]
            if after and (stamp > min(after) or len(after) >= _PATIENCE):
                break
    return _surveyed(footage, seen, first, over)


def _surveyed(footage: Footage, seen: _Seen, first: int, over: int) -> Survey:
    every = np.array(seen.stamps, dtype=np.int64)
    order = np.sort(every)
    stamps = np.unique(order[(order >= first) & (order < over)])
    usual = seen.duration or max(1, round(1 / footage.rate / footage.time_base))
    later = order[order >= over]
    end = int(later[0]) if len(later) else int(order[-1]) + usual if len(order) else over
    if not seen.restarts or len(np.unique(every)) < len(every):
        return Survey(stamps, end, 0, 0, 0)
    # What is copied is shown without a hole: the longest run of packets that are also the first to be shown.
    told = every[seen.restarts[0] :]
    told = told[told >= told[0]]
    shown = np.sort(told)
    whole = (np.maximum.accumulate(told) == shown) & (shown < over)
    copied = int(np.flatnonzero(whole)[-1]) + 1 if whole.any() else 0
    rank = np.searchsorted(shown, told)
    reorder = int((np.arange(len(told)) - rank).max(initial=0))
    return Survey(stamps, end, copied, int(np.searchsorted(stamps, told[0])), reorder)


def _decoded_survey(footage: Footage, first: int, over: int) -> Survey:
    """Find the pictures of a file whose packets do not say when they are shown."""
    stamps: list[int] = []
    end = None
    for stamp, _ in decoded(footage, first):
        if stamp >= over:
            end = stamp
            break
        stamps.append(stamp)
    usual = max(1, round(1 / footage.rate / footage.time_base))
    after = end if end is not None else stamps[-1] + usual if stamps else over
    return Survey(np.unique(np.array(stamps, dtype=np.int64)), after, 0, 0, 0)


def packets_from(footage: Footage, stamp: int) -> Generator[av.Packet[VideoStream]]:
    """Yield packets from a key frame at or before a stamp on; close the iterator when you have enough."""
    for back in _BACK:
        with closing(footage.opened()) as container:
            stream = footage.video(container)
            whole = back is None or footage.time(stamp) - back <= 0.0
            if not whole:
                assert back is not None
                try:
                    container.seek(stamp - int(back / footage.time_base), stream=stream)
                except av.error.FFmpegError:
                    continue
            begun = False
            for packet in packets_of(container, stream):
                if not begun:
                    shown = packet.pts if packet.pts is not None else packet.dts
                    if not packet.is_keyframe and not whole:
                        continue
                    if not whole and (shown is None or shown > stamp):
                        break
                    begun = True
                yield packet
            if begun or whole:
                return


def copied(footage: Footage, found: Survey) -> Generator[av.Packet[VideoStream]]:
    """Yield the packets that a survey says can be copied, in the order of the file."""
    begin = int(found.stamps[found.restart])
    left = found.copied
    with closing(packets_from(footage, begin)) as packets:
        begun = False
        for packet in packets:
            if left == 0:
                return
            begun = begun or (packet.pts == begin and packet.is_keyframe)
            if begun and packet.size and packet.pts is not None and packet.pts >= begin:
                left -= 1
                yield packet


def decoded(footage: Footage, stamp: int) -> Generator[tuple[int, VideoFrame]]:
    """Yield stamps and pictures from a stamp on, in order; what cannot be decoded is left out.

    Raises:
        SourceUnreadable: The pictures have no timestamps.
    """
    latest = stamp - 1
    with closing(packets_from(footage, stamp)) as packets:
        for packet in packets:
            try:
                pictures = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                continue
            for picture in pictures:
                told = footage.shown_at(picture)
                if told > latest and not picture.is_corrupt:
                    latest = told
                    yield told, picture
