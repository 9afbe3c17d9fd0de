"""From cuts to a film."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from everyframe.errors import SettingError
from everyframe.files import sweep, writing
from everyframe.highlights.reel.encoding import form_of
from everyframe.highlights.reel.film import Chapter, Film
from everyframe.highlights.reel.footage import Footage
from everyframe.highlights.reel.pieces import Piece
from everyframe.highlights.reel.planning import Cut
from everyframe.highlights.reel.reading import survey
from everyframe.highlights.reel.sound import RATE, stretch

Way = Literal["smart", "encode"]
_REORDER = 2  # pictures that the encoder holds back at most


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reel has come.

    Attributes:
        seconds: Done.
        total: In all, where known.
        source: What is being read.
    """

    seconds: float
    total: float | None
    source: str


Tell = Callable[[Progress], object]
Note = Callable[[str], object]


def cut_film(
    cuts: Iterable[Cut],
    footage: Mapping[str, Footage],
    path: Path,
    *,
    way: Way = "smart",
    title: str = "",
    progress: Tell | None = None,
    note: Note | None = None,
) -> list[Piece]:
    """Cut a film: whole or not at all.

    Packets are copied from the first key frame of each cut on, and only what lies before it and after the
    last whole picture is encoded again. Sources that are not alike are brought into one form.

    Args:
        cuts: In the order of the film.
        footage: The sources, by the cuts' ``source``.
        path: Where the film goes.
        way: ``smart``, or ``encode`` to encode all of it.
        title: What players call it.
        progress: Is told how far it has come.
        note: Is told, a line each, what went otherwise than one may think.

    Returns:
        Where each cut lies in the film.

    Raises:
        SettingError: No cut holds a picture.
        SourceError: A source cannot be read any more, or its timestamps are broken.
        StorageError: The film cannot be written.
    """
    tell, say = progress or _nothing, note or _nothing
    pieces = _surveyed(cuts, footage, say)
    lead = _lead(pieces)
    beside = _allow_copies(pieces, lead, way, say)
    form = form_of(lead, beside=beside)
    sound = any(piece.footage.sound for piece in pieces)
    reorder = max([_REORDER, *(piece.found.reorder for piece in pieces if piece.copied)])
    chapters = [Chapter(float(one.start), float(one.end), one.cut.label) for one in pieces]
    path = Path(path)
    sweep(path.absolute().parent)
    with (
        writing(path) as temporary,
        Film(
            temporary,
            form,
            header=lead.header if beside else None,
            sound=sound,
            chapters=chapters,
            reorder=reorder,
            title=title,
        ) as film,
    ):
        for piece in pieces:
            mixer = _Mixer(film, piece) if sound else None
            with closing(piece.pictures(form)) as pictures:
                for picture, lasts in pictures:
                    film.show(picture, lasts)
                    if mixer is not None:
                        mixer.until(Fraction(picture.tick, form.ticks))
                    tell(Progress(picture.tick / form.ticks, float(pieces[-1].end), piece.footage.name))
            if mixer is not None:
                mixer.until(piece.end)
                mixer.close()
    for piece in pieces:
        if piece.lost:
            say(
                f"{piece.footage.name}: {piece.lost} pictures between {piece.first:.1f} s and"
                f" {piece.last:.1f} s cannot be decoded; the one before each stays"
            )
    return pieces


def _surveyed(cuts: Iterable[Cut], footage: Mapping[str, Footage], say: Note) -> list[Piece]:
    pieces: list[Piece] = []
    at = Fraction(0)
    for cut in cuts:
        source = footage[cut.source]
        found = survey(source, cut.start, cut.end)
        if not len(found.stamps):
            say(f"{source.name} has no picture between {cut.start:.2f} s and {cut.end:.2f} s: left out")
            continue
        piece = Piece(cut, source, found, at, copies=False)
        pieces.append(piece)
        at = piece.end
    if not pieces:
        raise SettingError("there is no picture in any of the cuts; are the times those of the footage?")
    return pieces


def _lead(pieces: Iterable[Piece]) -> Footage:
    """Return the source of which the film shows most: it gives the form."""
    shown: Counter[str] = Counter()
    known: dict[str, Footage] = {}
    for piece in pieces:
        known[piece.footage.path] = piece.footage
        shown[piece.footage.path] += round(1000 * piece.seconds)
    return known[shown.most_common(1)[0][0]]


def _allow_copies(pieces: list[Piece], lead: Footage, way: Way, say: Note) -> bool:
    """Mark the pieces whose packets may be copied; return whether there are any."""
    if way == "encode":
        return False
    if lead.obstacle:
        say(f"{lead.name} is encoded again: {lead.obstacle}")
        return False
    told: set[str] = set()
    for piece in pieces:
        why = _unlike(piece.footage, lead)
        piece.copies = not why
        if why and piece.footage.path not in told:
            told.add(piece.footage.path)
            say(f"{piece.footage.name} is encoded again: {why}")
    return any(piece.copied for piece in pieces)


def _unlike(footage: Footage, lead: Footage) -> str:
    """Say why a source's packets cannot go beside the lead's; empty where they can."""
    if footage.obstacle:
        return footage.obstacle
    assert footage.header is not None
    assert lead.header is not None
    if footage.size != lead.size or footage.aspect != lead.aspect:
        return f"it is {footage.size[0]}x{footage.size[1]}, and {lead.name} {lead.size[0]}x{lead.size[1]}"
    if not footage.header.same(lead.header):
        return f"its encoder was set otherwise than that of {lead.name}"
    return ""


class _Mixer:
    """Brings the sound of a piece into the film as far as its pictures are."""

    def __init__(self, film: Film, piece: Piece) -> None:
        self._film = film
        self._at = round(piece.start * RATE)
        count = round(piece.end * RATE) - self._at
        self._coming = stretch(piece.footage, piece.first, piece.last, count, piece.cut.speed)

    def until(self, time: Fraction) -> None:
        """Add sound until a time in the film, in seconds."""
        due = round(time * RATE)
        while self._at < due:
            block = next(self._coming, None)
            if block is None:
                return
            self._film.hear(block)
            self._at += block.shape[1]

    def close(self) -> None:
        """Let go of the source."""
        self._coming.close()


def _nothing(*_: object) -> None:
    pass
