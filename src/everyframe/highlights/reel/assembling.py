"""A reel from cuts that a person chose, trimmed and put in order: nothing is moved, merged or added."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from everyframe.errors import SettingError
from everyframe.highlights.reel.beside import write_beside
from everyframe.highlights.reel.cutting import Note, Tell, Way, cut_film
from everyframe.highlights.reel.footage import open_footage
from everyframe.highlights.reel.making import Reel
from everyframe.highlights.reel.planning import Cut

_GRACE = 0.5  # seconds that a cut may end after its footage: people round up
_SPECK = 1e-6


def assemble(
    cuts: Sequence[Cut],
    output: Path,
    *,
    title: str = "",
    longest: float = math.inf,
    beside: Sequence[str] = (),
    places: bool = True,
    way: Way = "smart",
    progress: Tell | None = None,
    note: Note | None = None,
) -> Reel:
    """Cut a reel of just these cuts, in this order.

    Args:
        cuts: What is shown; the same stretch may come twice.
        output: Where the film goes, an MP4.
        title: What players and cut lists call it.
        longest: Seconds that it may last; the most confident cuts that fit are shown, still in order.
        beside: What else to write, of ``beside.KINDS``.
        places: Whether lists tell where the sources lie, or their names only.
        way: ``smart``, or ``encode`` to encode all of it.
        progress: Is told how far it has come.
        note: Is told, a line each, what went otherwise than one may think.

    Raises:
        SettingError: There is no cut, none fits, or one lies outside its footage; the line says which.
        SourceError: A source cannot be read.
        StorageError: The film cannot be written.
    """
    if not cuts:
        raise SettingError("there is nothing to cut: choose at least one moment")
    footage = {source: open_footage(source) for source in dict.fromkeys(cut.source for cut in cuts)}
    for number, cut in enumerate(cuts, 1):
        length, name = footage[cut.source].length, Path(cut.source).name
        if not 0.0 <= cut.start < cut.end <= length + _GRACE or cut.start >= length:
            raise SettingError(
                f"cut {number}, {cut.label}: from {cut.start:g} to {cut.end:g} s, but {name} lasts"
                f" {length:.2f} s; trim it"
            )
    pieces = cut_film(
        fitting(cuts, longest), footage, output, way=way, title=title, progress=progress, note=note
    )
    written = write_beside(output, pieces, beside, title=title, places=places)
    return Reel(output, float(pieces[-1].end), tuple(pieces), tuple(written))


def fitting(cuts: Iterable[Cut], longest: float) -> list[Cut]:
    """Return the most confident cuts that fit into a time, in the order they have; of equals the first.

    Raises:
        SettingError: Not even one fits.
    """
    told = list(cuts)
    chosen: set[int] = set()
    total = 0.0
    for number in sorted(range(len(told)), key=lambda one: -told[one].confidence):
        if total + told[number].seconds <= longest + _SPECK:
            total += told[number].seconds
            chosen.add(number)
    if not chosen:
        least = min(cut.seconds for cut in told)
        raise SettingError(
            f"nothing fits into {longest:g} s: the shortest cut lasts {least:.3g} s; allow more time"
        )
    return [told[number] for number in sorted(chosen)]
