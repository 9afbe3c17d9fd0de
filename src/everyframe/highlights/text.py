"""Words as they are compared: without case, accents, punctuation and the English plural."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

LONGEST_WORD = 64
"""Letters of a word that count; a database's index takes no endless ones."""

_WORD = re.compile(r"[^\W_]+")
_HISSING = ("ches", "shes", "sses", "xes", "zes")


@lru_cache(maxsize=16_384)  # a feed says the same names again and again
def folded(text: str) -> str:
    """Return a text without case and accents, its words one space apart: ``Se-Young`` is ``se young``."""
    return " ".join(_pieces(text))


def stemmed(text: str) -> list[str]:
    """Return the words of a text as they are searched for: ``Two smashes`` is ``two``, ``smash``."""
    return [_stem(word) for word in _pieces(text)]


def near(wanted: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return what somebody may have meant by ``wanted``: the nearest of ``known``, as they are written.

    A name is near, too, where one of its words is: ``Axelson`` finds ``Viktor AXELSEN``.
    """
    by_word: dict[str, list[str]] = {}
    for name in dict.fromkeys(known):
        whole = folded(name)
        for word in dict.fromkeys((whole, *whole.split())):
            by_word.setdefault(word, []).append(name)
    asked = folded(wanted)
    found: list[str] = []
    for word in dict.fromkeys((asked, *sorted(asked.split(), key=len, reverse=True))):
        for match in get_close_matches(word, by_word, n=count, cutoff=0.7):
            found += [name for name in by_word[match] if name not in found]
    return found[:count]


def _pieces(text: str) -> list[str]:
    if text.isascii():
        return [word[:LONGEST_WORD] for word in _WORD.findall(text.lower())]
    plain = unicodedata.normalize("NFKD", text.casefold())  # folding may add an accent, and hide one
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain)]


def _stem(word: str) -> str:
    """Return what is left when nothing more can go: a stem is its own stem."""
    while (shorter := _singular(word)) != word:
        word = shorter
    return word


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith(_HISSING):
        return word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
