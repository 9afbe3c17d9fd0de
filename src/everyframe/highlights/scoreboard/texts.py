"""What the texts of a scoreboard say: scores, a period, a clock, names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

POINTS = frozenset({"0", "15", "30", "40", "AD"})
"""What the points of a game of tennis are called."""

_LOOKS_LIKE = str.maketrans("OoDQIl|i!SsBZzGg", "0000111115582269")
_SAME = str.maketrans({"’": "'", "′": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "·": ":"})
_BEGIN, _END = r"(?<![^\W_])", r"(?![^\W_])"  # no letter or digit before, none after
_KIND = r"half|quarter|qtr|period|per|set|inning|inn|end"
_ONE = r"AD|\d{1,3}"
_GLUED = re.compile(r"\b([QPH][1-9])(?=\d{1,2}:\d\d)", re.IGNORECASE)
_TOKEN = re.compile(
    rf"""
    (?P<added>{_BEGIN}\d{{1,3}}\s*'?\s*\+\s*\d{{1,2}}\s*'?{_END})
    |(?P<minutes>{_BEGIN}\d{{1,3}}\s?'{_END})
    |(?P<clock>(?<![\d:])(?:\d:)?\d{{1,3}}[:.;][0-5]\d(?:[.,]\d)?(?!\d))
    |(?P<short>(?<![\d:.])(?:\d{{1,2}}[.]\d|:[0-5]\d(?:\.\d)?)(?!\d))
    |(?P<down>{_BEGIN}[1-4](?:st|nd|rd|th)\s?&\s?(?:\d{{1,2}}|goal|inches){_END})
    |(?P<period>{_BEGIN}(?:
        (?:q|p|h|set|inn|per|period|quarter|half)\s?[1-9]{_END}
        |[1-9Il](?:st|nd|rd|th)(?:\s?(?:{_KIND}))?(?:{_END}|(?=\d{{1,2}}:\d\d))
        |(?:first|second|third|fourth)\s(?:{_KIND}){_END}
        |(?:top|bot|mid|end)\s?\d{{1,2}}{_END}
        |(?:\d?ot\d?|ht|ft|et|so|final|half\s?time|full\s?time|overtime){_END}
    ))
    |(?P<pair>(?<!\d)(?<![A-Za-z]\s)(?:{_ONE})\s*[-:]\s*(?:{_ONE}){_END})
    |(?P<number>{_BEGIN}(?:{_ONE}){_END})
    |(?P<name>[^\W_](?:[\w.'&]*[\w])?)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one text says.

    Attributes:
        numbers: Scores in order: ``("2", "1")``, ``("AD",)``.
        period: As it is written, ``""`` where there is none.
        clock: Seconds on the clock, ``None`` where there is none.
        step: Seconds that the clock counts in: 60 where only minutes are shown.
        names: Everything else.
        paired: Whether its numbers are one score, ``2-1``.
    """

    numbers: tuple[str, ...] = ()
    period: str = ""
    clock: float | None = None
    step: float = 1.0
    names: tuple[str, ...] = ()
    paired: bool = False


def parse(text: str, *, digits: bool = False) -> Told:
    """Say what a text of a scoreboard says: ``Q3 07:21``, ``45+2'``, ``2-1``, ``6 4 30``.

    Args:
        text: As it was read.
        digits: Whether letters that look like digits are such: where there have been digits all along.
    """
    plain = _GLUED.sub(r"\1 ", plainly(text))
    if digits:
        plain = plain.translate(_LOOKS_LIKE) if plain.upper() not in ("AD", "A") else "AD"
    numbers: list[str] = []
    names: list[str] = []
    period, clock, step, paired = "", None, 1.0, False
    for match in _TOKEN.finditer(plain):
        kind, said = str(match.lastgroup), match.group()
        if kind in ("added", "minutes", "clock", "short"):
            clock, step = _seconds(kind, said)
        elif kind == "period":
            period = period_of(said)
        elif kind == "pair":
            numbers += [_number(one) for one in re.findall(_ONE, said, re.IGNORECASE)]
            paired = True
        elif kind == "number":
            numbers.append(_number(said))
        else:
            names.append(said)
    return Told(tuple(numbers), period, clock, step, tuple(names), paired and len(numbers) == 2)


def as_pair(text: str) -> tuple[str, str] | None:
    """Return the two numbers of ``21:20`` where that is a score and no time, else ``None``."""
    match = re.fullmatch(r"\s*(\d{1,3})\s*[-:.]\s*(\d{1,3})\s*", plainly(text))
    return None if match is None else (_number(match.group(1)), _number(match.group(2)))


def plainly(text: str) -> str:
    """Return a text in the plainest letters that mean the same."""
    return unicodedata.normalize("NFKC", text).translate(_SAME).strip()


def period_of(said: str) -> str:
    """Return a period as it is told: ``Q3``, ``2nd``, ``2nd half``."""
    plain = " ".join(said.split())
    ordinal = re.fullmatch(r"([1-9Il])(st|nd|rd|th)\s?(.*)", plain, re.IGNORECASE)
    if ordinal is not None:
        number, ending, rest = ordinal.groups()
        number = "1" if number in "Il" else number
        return f"{number}{ending.lower()} {rest.lower()}".strip()
    return plain.upper().replace(" ", "") if len(plain) <= 3 else plain.lower()


def clock_text(seconds: float) -> str:
    """Return seconds as a clock shows them: ``7:21``."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _number(said: str) -> str:
    return "AD" if said.upper() == "AD" else str(int(said))


def _seconds(kind: str, said: str) -> tuple[float, float]:
    """Return what a clock tells, and what it counts in, in seconds."""
    if kind == "clock":
        *hours, minutes, rest = re.split(r"[:;]|[.](?=\d\d)", said)
        whole = 3600.0 * int(hours[0]) if hours else 0.0
        return whole + 60.0 * int(minutes) + float(rest.replace(",", ".")), 1.0
    if kind == "short":
        return float(said.lstrip(":")), 1.0
    return 60.0 * sum(int(part) for part in re.findall(r"\d+", said)), 60.0
