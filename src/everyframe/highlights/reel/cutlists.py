"""Cut lists that editing programs open: EDL (CMX 3600), FCPXML and OTIO.

A list counts frames at one rate, which programs know. Each edge lies on the frame that is nearest to its
time, in the source and in the film, so that nothing adds up. Sources whose rate varies, or is none of the
usual, are counted likewise: programs bring them to the rate of the list by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import opentimelineio as otio
from otio_fcpx_xml_adapter.fcpx_xml import FcpxXml

from everyframe.highlights.reel.footage import Footage
from everyframe.highlights.reel.pieces import Piece

_KNOWN = (
    Fraction(24_000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30_000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60_000, 1001),
    Fraction(60),
)
"""Rates that all three kinds of lists can have, frames per second."""
_NEAR = 0.002  # share by which a measured rate may differ from a known one


@dataclass(frozen=True, slots=True)
class Entry:
    """A cut in frames.

    Attributes:
        piece: What it is.
        start: First frame, in the source.
        count: How many frames it lasts in the film.
        at: First frame, in the film.
    """

    piece: Piece
    start: int
    count: int
    at: int

    @property
    def name(self) -> str:
        """What happens in it."""
        return self.piece.cut.label


def rate_of_list(rate: Fraction) -> Fraction:
    """Return the rate of a list for footage of some rate: a whole multiple where there is one."""
    near = min(_KNOWN, key=lambda known: abs(known - rate))
    if abs(near - rate) <= _NEAR * float(near):
        return near
    return next((known for known in _KNOWN if (known / rate).denominator == 1), near)


def entries(pieces: Sequence[Piece], rate: Fraction) -> list[Entry]:
    """Return the cuts in frames of a list."""
    found = []
    for piece in pieces:
        at, end = round(piece.start * rate), round(piece.end * rate)
        found.append(Entry(piece, round(Fraction(piece.first) * rate), max(1, end - at), at))
    return found


def timeline(
    pieces: Sequence[Piece], rate: Fraction, name: str, *, places: bool = True
) -> otio.schema.Timeline:
    """Return the cuts as OpenTimelineIO has them; without ``places`` sources are named only."""
    track = otio.schema.Track(name="reel", kind=otio.schema.TrackKind.Video)
    for entry in entries(pieces, rate):
        cut, footage = entry.piece.cut, entry.piece.footage
        clip = otio.schema.Clip(
            name=entry.name,
            media_reference=otio.schema.ExternalReference(
                target_url=_url(footage, places), available_range=_range(0, _frames(footage, rate), rate)
            ),
            source_range=_range(entry.start, entry.count, rate),
            metadata={
                "everyframe": {
                    "start": entry.piece.first,
                    "end": entry.piece.last,
                    "confidence": cut.confidence,
                    "events": [{"label": one.label, "about": dict(one.about)} for one in cut.events],
                },
                "cmx_3600": {"reel": _reel(footage)},
            },
        )
        clip.media_reference.name = Path(footage.path).name
        if cut.speed != 1.0:
            clip.effects.append(otio.schema.LinearTimeWarp(name="fast", time_scalar=cut.speed))
        track.append(clip)
    told = otio.schema.Timeline(name=name)
    told.tracks.append(track)
    return told


def as_otio(pieces: Sequence[Piece], rate: Fraction, name: str, *, places: bool = True) -> str:
    """Return the list as OTIO."""
    told = timeline(pieces, rate, name, places=places)
    return str(otio.adapters.write_to_string(told, adapter_name="otio_json"))


def as_edl(pieces: Sequence[Piece], rate: Fraction, name: str, *, places: bool = True) -> str:
    """Return the list as an EDL; drop-frame timecode at 29.97 and 59.94.

    The adapter of OpenTimelineIO reads it. What it writes for sped-up clips it cannot read again at 29.97,
    and the end that it tells in their source is another one: so the lines are written here.
    """
    drop = rate.denominator != 1 and rate > 25

    def code(frame: int) -> str:
        time = otio.opentime.RationalTime(frame, float(rate))
        return str(otio.opentime.to_timecode(time, float(rate), drop))

    lines = [f"TITLE: {name}", f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    for number, entry in enumerate(entries(pieces, rate), 1):
        footage, speed = entry.piece.footage, entry.piece.cut.speed
        edges = (entry.start, entry.start + round(entry.count * speed), entry.at, entry.at + entry.count)
        reel = _reel(footage)
        lines.append(f"{number:03d}  {reel:8} V     C        {' '.join(code(edge) for edge in edges)}")
        if speed != 1.0:
            start = code(entry.start).replace(";", ":")
            lines.append(f"M2   {reel:8} {speed * float(rate):05.1f} {start}")
        lines.append(f"* FROM CLIP NAME:  {entry.name}")
        lines.append(f"* FROM CLIP: {_url(footage, places)}")
    return "\n".join(lines) + "\n"


def as_fcpxml(pieces: Sequence[Piece], rate: Fraction, name: str, *, places: bool = True) -> str:
    """Return the list as FCPXML 1.8.

    The adapter of OpenTimelineIO reads it; it cannot write it, as it does not know 29.97 exactly. Nor does it
    when it reads: ``read_list`` does.
    """
    root = ET.Element("fcpxml", version="1.8")
    resources = ET.SubElement(root, "resources")
    step = f"{rate.denominator}/{rate.numerator}s"
    size = pieces[0].footage.shown
    ET.SubElement(resources, "format", id="r1", frameDuration=step, width=str(size[0]), height=str(size[1]))
    assets: dict[str, str] = {}
    for piece in pieces:
        footage = piece.footage
        if footage.path not in assets:
            assets[footage.path] = f"r{len(assets) + 2}"
            ET.SubElement(
                resources,
                "asset",
                id=assets[footage.path],
                name=Path(footage.path).name,
                src=_url(footage, places),
                start="0s",
                duration=_rational(_frames(footage, rate), rate),
                hasVideo="1",
                hasAudio=str(int(footage.sound)),
                format="r1",
            )
    told = entries(pieces, rate)
    project = ET.SubElement(root, "project", name=name)
    total = told[-1].at + told[-1].count
    sequence = ET.SubElement(project, "sequence", format="r1", duration=_rational(total, rate), tcStart="0s")
    spine = ET.SubElement(sequence, "spine")
    for entry in told:
        _clip(spine, entry, assets[entry.piece.footage.path], rate)
    ET.indent(root, "  ")
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n'


def read_list(path: Path, rate: Fraction) -> otio.schema.Timeline:
    """Read a list of any of the three kinds with OpenTimelineIO and its adapters.

    Args:
        path: Its ending says the kind.
        rate: That of the list: an EDL does not tell it, and the adapter of FCPXML takes 29.97 for 29.
    """
    if path.suffix == ".fcpxml":
        return _Exact(path.read_text(encoding="utf-8"), rate).to_otio()
    told = {"rate": float(rate)} if path.suffix == ".edl" else {}
    return otio.adapters.read_from_file(str(path), **told)


class _Exact(FcpxXml):  # type: ignore[misc]
    """The adapter's reader, with the frame rate that the file tells and no rounding down."""

    def __init__(self, text: str, rate: Fraction) -> None:
        super().__init__(text)
        self._rate = rate

    def _format_frame_rate(self, format_id: str) -> float:  # noqa: ARG002 - the adapter's signature
        return float(self._rate)

    def _number_of_frames(self, time_value: str | None, format_id: str) -> int:  # noqa: ARG002 - likewise
        return round(Fraction((time_value or "0s").removesuffix("s")) * self._rate)

    def _time_range(self, element: ET.Element, format_id: str) -> Any:
        start = self._number_of_frames(element.get("start"), format_id)
        return _range(start, self._number_of_frames(element.get("duration"), format_id), self._rate)


def _clip(spine: ET.Element, entry: Entry, asset: str, rate: Fraction) -> None:
    speed = entry.piece.cut.speed
    start = Fraction(entry.start) / Fraction(speed).limit_denominator(1000)
    clip = ET.SubElement(
        spine,
        "asset-clip",
        name=entry.name,
        ref=asset,
        offset=_rational(entry.at, rate),
        # In a clip that is sped up, time is that of the film.
        start=_rational(round(start) if speed != 1.0 else entry.start, rate),
        duration=_rational(entry.count, rate),
        format="r1",
    )
    if speed != 1.0:
        length = _frames(entry.piece.footage, rate)
        mapped = ET.SubElement(clip, "timeMap")
        ET.SubElement(mapped, "timept", time="0s", value="0s", interp="linear")
        ET.SubElement(
            mapped,
            "timept",
            time=_rational(round(length / speed), rate),
            value=_rational(length, rate),
            interp="linear",
        )


def _rational(frames: int, rate: Fraction) -> str:
    """Return frames as FCPXML's seconds: a whole number of frame durations, exactly."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"


def _range(start: int, count: int, rate: Fraction) -> Any:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, float(rate)), otio.opentime.RationalTime(count, float(rate))
    )


def _frames(footage: Footage, rate: Fraction) -> int:
    return max(1, round(Fraction(footage.length) * rate))


def _url(footage: Footage, places: bool) -> str:
    path = Path(footage.path)
    if not places:
        return path.name
    return path.absolute().as_uri() if path.exists() else footage.name


def _reel(footage: Footage) -> str:
    """Return the name of a source in eight letters, as an EDL has it."""
    letters = "".join(letter for letter in Path(footage.path).stem if letter.isascii() and letter.isalnum())
    return (letters or "AX")[:8].upper()
