"""What lies beside a film: chapters for a web page, JSON for programs, cut lists for editors, HLS."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from everyframe.errors import SettingError, StorageError
from everyframe.files import atomic_write, storage_error
from everyframe.highlights.reel.pieces import Piece

_SEGMENT = 4  # seconds of a file of the HLS playlist, or until the next key frame


def as_vtt(pieces: Sequence[Piece]) -> str:
    """Return the film's chapters as WebVTT."""
    parts = ["WEBVTT"]
    for number, piece in enumerate(pieces, 1):
        # A line that begins a cue's payload may not hold an arrow, and no line may be empty.
        title = " ".join(piece.cut.label.replace("-->", "→").split())
        parts.append(f"{number}\n{_clock(piece.start)} --> {_clock(piece.end)}\n{_escaped(title)}")
    return "\n\n".join(parts) + "\n"


def as_json(pieces: Sequence[Piece], film: str, *, places: bool = True) -> str:
    """Return what is in the film: each cut with its times in the source and in the film, in seconds.

    Args:
        pieces: What is in it.
        film: Its name.
        places: Whether to tell where the sources lie, or their names only.
    """
    told = {
        "film": film,
        "seconds": round(float(pieces[-1].end), 6),
        "cuts": [
            {
                "label": piece.cut.label,
                "confidence": piece.cut.confidence,
                "source": piece.footage.name if places else Path(piece.footage.path).name,
                "start": round(piece.first, 6),
                "end": round(piece.last, 6),
                "film_start": round(float(piece.start), 6),
                "film_end": round(float(piece.end), 6),
                "speed": piece.cut.speed,
                "pictures": len(piece.found.stamps),
                "copied": piece.copied,
                "events": [
                    {
                        "label": one.label,
                        "start": one.start,
                        "end": one.end,
                        "confidence": one.confidence,
                        "about": dict(one.about),
                    }
                    for one in piece.cut.events
                ],
            }
            for piece in pieces
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


KINDS = ("vtt", "json", "edl", "fcpxml", "otio", "hls")
"""What can lie beside a film."""


def kinds(text: str) -> tuple[str, ...]:
    """Read which kinds a person wants: ``edl,otio``, or ``all``.

    Raises:
        SettingError: There is no such kind.
    """
    told = [word.strip().lower() for word in text.split(",") if word.strip()]
    if told == ["all"]:
        return KINDS
    for word in told:
        if word not in KINDS:
            raise SettingError(f"{word!r} cannot lie beside a film; choose of {', '.join(KINDS)}, or all")
    return tuple(dict.fromkeys(told))


def write_beside(
    film: Path, pieces: Sequence[Piece], wanted: Sequence[str], *, title: str = "", places: bool = True
) -> list[Path]:
    """Write what lies beside a film, under its name with another ending; return where.

    Args:
        film: The film.
        pieces: What is in it.
        wanted: Of ``KINDS``.
        title: What lists call it; otherwise the film's name.
        places: Whether lists tell where the sources lie, or their names only.

    Raises:
        StorageError: Something cannot be written.
    """
    lists = set(wanted) & {"edl", "fcpxml", "otio"}
    makers: dict[str, Callable[[], str]] = {
        "vtt": lambda: as_vtt(pieces),
        "json": lambda: as_json(pieces, film.name, places=places),
    }
    if lists:
        from everyframe.highlights.reel import cutlists  # OpenTimelineIO: loaded where it is asked for

        rate, name = cutlists.rate_of_list(rate_of_film(pieces)), title or film.stem
        makers["edl"] = lambda: cutlists.as_edl(pieces, rate, name, places=places)
        makers["fcpxml"] = lambda: cutlists.as_fcpxml(pieces, rate, name, places=places)
        makers["otio"] = lambda: cutlists.as_otio(pieces, rate, name, places=places)
    written = []
    for kind in wanted:
        if kind == "hls":
            written.append(write_hls(film, film.with_suffix(".hls")))
            continue
        path = film.with_suffix(f".{kind}")
        atomic_write(path, makers[kind]().encode())
        written.append(path)
    return written


def rate_of_film(pieces: Sequence[Piece]) -> Fraction:
    """Return the rate of the source of which most is shown."""
    shown: dict[Fraction, Fraction] = {}
    for piece in pieces:
        rate = piece.footage.rate
        shown[rate] = shown.get(rate, Fraction(0)) + piece.seconds
    return max(shown, key=lambda rate: shown[rate])


def write_hls(film: Path, folder: Path) -> Path:
    """Write a film as an HLS playlist with fragments of MP4: the whole folder or none of it.

    Args:
        film: An MP4 of ours; its packets are copied.
        folder: Where to; one that is there is replaced.

    Returns:
        The playlist.

    Raises:
        StorageError: It cannot be written.
    """
    playlist = folder / "reel.m3u8"
    if folder.exists() and not playlist.is_file():
        raise StorageError(f"Cannot write {folder}: something else has that name; move it away.")
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}.part")
    try:
        temporary.mkdir()
        try:
            _remux(film, temporary / playlist.name)
            aside = temporary.with_suffix(".old")
            if folder.exists():
                folder.rename(aside)
            temporary.rename(folder)
            shutil.rmtree(aside, ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    return playlist


def _remux(film: Path, playlist: Path) -> None:
    options = {
        "hls_segment_type": "fmp4",
        "hls_playlist_type": "vod",
        "hls_time": str(_SEGMENT),
        "hls_flags": "independent_segments",
        "hls_fmp4_init_filename": "init.mp4",
        "hls_segment_filename": str(playlist.with_name("part%05d.m4s")),
    }
    with (
        closing(av.open(str(film))) as source,
        av.open(str(playlist), "w", format="hls", options=options) as target,
    ):
        tracks: dict[int, Any] = {}
        for stream in (*source.streams.video[:1], *source.streams.audio[:1]):
            tracks[stream.index] = target.add_stream_from_template(stream)
        for packet in source.demux(list(source.streams.video[:1] + source.streams.audio[:1])):
            if packet.dts is not None:
                packet.stream = tracks[packet.stream.index]
                target.mux_one(packet)
    with suppress(OSError):
        for path in playlist.parent.iterdir():
            descriptor = os.open(path, os.O_RDWR)
            os.fsync(descriptor)
            os.close(descriptor)


def _clock(time: Fraction) -> str:
    milli = round(time * 1000)
    return f"{milli // 3_600_000:02d}:{milli // 60_000 % 60:02d}:{milli // 1000 % 60:02d}.{milli % 1000:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
