"""From FFmpeg's decoded frame to luma, colour and motion vectors, with as little copying as there can be."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, Literal

import av
import numpy as np
from av.video.format import VideoFormat
from numpy.typing import NDArray

from everyframe.types import RGB, Frame, Luma

MOTION_VECTOR = np.dtype(
    [
        ("source", "int32"),
        ("w", "uint8"),
        ("h", "uint8"),
        ("src_x", "int16"),
        ("src_y", "int16"),
        ("dst_x", "int16"),
        ("dst_y", "int16"),
        ("flags", "uint64"),
        ("motion_x", "int32"),
        ("motion_y", "int32"),
        ("motion_scale", "uint16"),
    ],
    align=True,
)
"""FFmpeg's ``AVMotionVector``; built once, because building it for each frame costs more than reading it."""

VECTOR_CODECS = frozenset(
    {"flv1", "h261", "h263", "h263p", "h264", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v1"}
    | {"msmpeg4v2", "msmpeg4v3", "rv10", "rv20", "wmv1", "wmv2"}
)
"""The codecs whose FFmpeg decoders export motion vectors."""

_PICTURE_TYPES = ("", "I", "P", "B", "S", "SI", "SP", "BI")

_NOTHING = av.VideoFrame(2, 2, "gray")

_Layout = Literal["plane", "deep", "convert"]


@cache
def _layout(name: str) -> tuple[_Layout, int]:
    """Say how to get at the luma of a pixel format, and by how many bits to shift it."""
    shape = VideoFormat(name)
    if shape.is_rgb or shape.has_palette or shape.is_bit_stream or not shape.components:
        return "convert", 0
    first = shape.components[0]
    alone = first.plane == 0 and sum(part.plane == 0 for part in shape.components) == 1
    if not (alone and (first.is_luma or len(shape.components) <= 2)):
        return "convert", 0
    if first.bits == 8:
        return "plane", 0
    # P010 and its kin keep their bits at the top of the word, the planar formats at the bottom.
    if 8 < first.bits <= 16 and name.endswith("le"):
        top = name[0] == "p" and name[1:2].isdigit()
        return "deep", 8 if top else first.bits - 8
    return "convert", 0


def luma_of(picture: av.VideoFrame) -> Luma:
    """Return the luma of a decoded picture, ``(H, W)`` ``uint8``, read-only.

    It is a view into the decoder's own memory for 8-bit YUV and grey formats; deeper formats lose their low
    bits; packed, palette and RGB formats are converted to grey.
    """
    width, height = picture.width, picture.height
    layout, shift = _layout(picture.format.name)
    plane = picture.planes[0] if layout != "convert" else None
    if plane is None or plane.line_size <= 0:
        grey = picture.reformat(format="gray")
        plane, layout = grey.planes[0], "plane"
    memory: Any = plane  # offers the buffer protocol, which PyAV's types do not say
    luma: Luma
    if layout == "deep":
        words: NDArray[np.uint16] = np.ndarray((height, width), np.uint16, memory, 0, (plane.line_size, 2))
        luma = (words >> shift).astype(np.uint8)
    else:
        luma = np.ndarray((height, width), np.uint8, memory, 0, (plane.line_size, 1))
    luma.setflags(write=False)  # the decoder still refers to this picture
    return luma


def _rgb(picture: av.VideoFrame) -> RGB:
    return np.asarray(picture.to_ndarray(format="rgb24"), dtype=np.uint8)


def _vectors(picture: av.VideoFrame) -> NDArray[np.void] | None:
    side: Any = picture.side_data
    found = side.get("MOTION_VECTORS")
    # PyAV's frame and its side data refer to each other, so each picture would stay in memory until Python's
    # collector comes by, hundreds of megabytes later; making the container anew, of nothing, parts them.
    side.__init__(_NOTHING)
    if found is None:
        return None
    vectors: NDArray[np.void] = np.frombuffer(found, dtype=MOTION_VECTOR)
    return vectors if len(vectors) else None


def to_frame(
    picture: av.VideoFrame, index: int, time: float, utc: float | None, *, vectors: bool = False
) -> Frame:
    """Wrap a decoded picture.

    Args:
        picture: As FFmpeg decoded it; it lives as long as the frame does.
        index: Position in the source.
        time: Presentation time in seconds.
        utc: POSIX seconds, where known.
        vectors: Whether to read the codec's motion vectors.
    """
    return Frame(
        index,
        time,
        luma_of(picture),
        utc,
        _vectors(picture) if vectors else None,
        _PICTURE_TYPES[picture.pict_type],
        partial(_rgb, picture),
    )
