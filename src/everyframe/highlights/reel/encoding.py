"""Encoding what cannot be copied: in the form of the film, and so that it goes with what is copied."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.codec.context import Flags
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from everyframe.highlights.reel import h264
from everyframe.highlights.reel.footage import Footage

_QUALITY = "20"  # x264's constant rate factor: hard to tell from the source
_KEY_EVERY = 2.0  # seconds between key frames, so that one can seek
_SQUARE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Form:
    """What all pictures of a film have in common.

    Attributes:
        size: ``(width, height)`` in pixels, as stored.
        aspect: Width of a pixel for its height.
        pixels: FFmpeg's name of their format.
        colour: Range, primaries, transfer and matrix, as FFmpeg numbers them.
        rate: Pictures per second, nearly so.
        ticks: Per second.
        profile: Of H.264, as x264 calls it.
        number: By which the encoder's parameter sets go.
    """

    size: tuple[int, int]
    aspect: Fraction
    pixels: str
    colour: tuple[int, int, int, int]
    rate: Fraction
    ticks: int
    profile: str = "high"
    number: int = 0


def form_of(lead: Footage, *, beside: bool) -> Form:
    """Return the form of a film.

    Args:
        lead: The source that gives it.
        beside: Whether packets of the lead are copied, and the rest must go with them.
    """
    if not beside:
        return Form(lead.shown, _SQUARE, "yuv420p", (1, *lead.colour[1:]), lead.rate, _ticks(lead.rate))
    assert lead.header is not None
    number = next(one for one in range(31, -1, -1) if one not in lead.header.numbers)
    profile = "baseline" if "Baseline" in lead.profile else lead.profile.lower()
    return Form(
        lead.size, lead.aspect, lead.pixels, lead.colour, lead.rate, _ticks(lead.rate), profile, number
    )


def _ticks(rate: Fraction) -> int:
    """Return a number of ticks per second of which an interval of the usual rates takes a whole number."""
    if (90_000 / rate).denominator == 1 or rate.numerator > 1_000_000:
        return 90_000
    return rate.numerator * (1 + 10_000 // rate.numerator)


class Encoder:
    """Makes packets of pictures; the first is one at which a decoder can begin.

    Args:
        form: What the film's pictures have in common.
    """

    def __init__(self, form: Form) -> None:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = form.size
        context.pix_fmt = form.pixels
        context.time_base = self._base = Fraction(1, form.ticks)
        context.framerate = form.rate
        context.sample_aspect_ratio = form.aspect
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = form.colour
        context.gop_size = max(1, round(_KEY_EVERY * form.rate))
        context.flags |= Flags.global_header
        context.options = {
            "preset": "veryfast",
            "crf": _QUALITY,
            "profile": form.profile,
            "x264-params": f"sps-id={form.number}:open-gop=0",
        }
        context.open()
        self._context = context
        found = h264.header(context.extradata)
        assert found is not None, "x264 tells its parameter sets once it is open"
        self.header = found

    def encode(self, picture: VideoFrame, tick: int) -> Iterator[Encoded]:
        """Take a picture that is shown from ``tick`` on; yield what is ready."""
        picture.pts, picture.time_base = tick, self._base
        picture.pict_type = PictureType.NONE  # or the encoder would do as the source's did
        yield from self._packets(picture)

    def finish(self) -> Iterator[Encoded]:
        """Yield what is left."""
        yield from self._packets(None)

    def _packets(self, picture: VideoFrame | None) -> Iterator[Encoded]:
        for packet in self._context.encode(picture):
            assert packet.pts is not None
            yield Encoded(h264.packed(bytes(packet), 0), packet.pts, packet.is_keyframe)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as it goes into the film.

    Attributes:
        data: Units, each with its length before it.
        tick: When it is shown.
        key: Whether a decoder can begin with it.
    """

    data: bytes
    tick: int
    key: bool


def fitted(
    pictures: Iterator[tuple[int, VideoFrame]], footage: Footage, form: Form
) -> Generator[tuple[int, VideoFrame]]:
    """Bring pictures into the form of the film: upright, scaled to fit, with black around.

    Args:
        pictures: Stamps and pictures.
        footage: Where they come from.
        form: What they shall be.
    """
    chain: _Chain | None = None
    for stamp, picture in pictures:
        kind = (picture.width, picture.height, picture.format.name)
        if chain is not None and chain.kind != kind:
            yield from chain.finish()
            chain = None
        if chain is None:
            if _fits(kind, footage, form):
                yield stamp, picture
                continue
            chain = _Chain(kind, footage, form)
        yield from chain.push(stamp, picture)
    if chain is not None:
        yield from chain.finish()


def black(form: Form) -> VideoFrame:
    """Return a black picture."""
    width, height = form.size
    picture = VideoFrame(width, height, form.pixels)
    for plane, value in zip(picture.planes, (16, 128, 128), strict=True):
        plane.update(bytes((value,)) * plane.buffer_size)
    return picture


def _fits(kind: tuple[int, int, str], footage: Footage, form: Form) -> bool:
    plain = not footage.rotation and not footage.interlaced
    return plain and kind == (*form.size, form.pixels) and footage.aspect == form.aspect


class _Chain:
    """Filters of FFmpeg that take pictures of one kind."""

    def __init__(self, kind: tuple[int, int, str], footage: Footage, form: Form) -> None:
        self.kind = kind
        width, height, pixels = kind
        self._stamps: deque[int] = deque()
        self._graph = Graph()
        nodes = [
            self._graph.add_buffer(
                width=width, height=height, format=av.VideoFormat(pixels), time_base=Fraction(1, 1000)
            )
        ]
        nodes += [self._graph.add(name, told) for name, told in _filters(width, height, footage, form)]
        nodes.append(self._graph.add("buffersink"))
        self._graph.link_nodes(*nodes)
        self._graph.configure()

    def push(self, stamp: int, picture: VideoFrame) -> Iterator[tuple[int, VideoFrame]]:
        picture.pts, picture.time_base = len(self._stamps), Fraction(1, 1000)
        self._stamps.append(stamp)
        self._graph.vpush(picture)
        yield from self._ready()

    def finish(self) -> Iterator[tuple[int, VideoFrame]]:
        self._graph.vpush(None)
        yield from self._ready()

    def _ready(self) -> Iterator[tuple[int, VideoFrame]]:
        while self._stamps:
            try:
                picture = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            yield self._stamps.popleft(), picture


def _filters(width: int, height: int, footage: Footage, form: Form) -> Iterator[tuple[str, str]]:
    if footage.interlaced:
        yield "bwdif", "mode=send_frame"
    turn = footage.rotation
    if 45 <= turn < 135:
        yield "transpose", "dir=cclock"
    elif 225 <= turn < 315:
        yield "transpose", "dir=clock"
    elif 135 <= turn < 225:
        yield "hflip", ""
        yield "vflip", ""
    wide, high = width * footage.aspect, Fraction(height)
    if turn % 180 >= 45:
        wide, high = high, wide
    factor = min(form.size[0] * form.aspect / wide, form.size[1] / high)
    across = min(form.size[0], max(2, round(wide * factor / form.aspect / 2) * 2))
    down = min(form.size[1], max(2, round(high * factor / 2) * 2))
    yield "scale", f"{across}:{down}:flags=bicubic"
    if (across, down) != form.size:
        yield "pad", f"{form.size[0]}:{form.size[1]}:(ow-iw)/2:(oh-ih)/2"
    yield "setsar", f"{form.aspect.numerator}/{form.aspect.denominator}"
    yield "format", form.pixels
