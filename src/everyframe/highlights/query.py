"""What a person writes to search for text, as a tree: ``smash and (axelsen or momota) not "net shot"``.

Words that stand together are all wanted; ``or`` and ``not`` (or a minus) say otherwise, quotation marks hold
a phrase together, brackets group, and a star at the end of a word stands for any ending. What makes no sense
as an operator is a word: any text is a query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from everyframe.errors import SettingError
from everyframe.highlights.text import stemmed

LONGEST = 1_000
"""Letters that a query may have."""

MOST_TERMS = 50
"""Words and phrases that a query may have."""

_TOKEN = re.compile(r'"([^"]*)(?:"|$)|([()])|([^\s()"]+)')
_OPERATORS = {"and", "or", "not"}


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow one another, as they are searched for; ``prefix``: the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False

    def __str__(self) -> str:
        text = " ".join(self.words)
        plain = len(self.words) == 1 and text not in _OPERATORS
        return (text if plain else f'"{text}"') + ("*" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class All:
    """All of these."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(_in_brackets(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of these."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(_in_brackets(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Without:
    """Not this."""

    part: Node

    def __str__(self) -> str:
        return f"not {_in_brackets(self.part)}"


Node = Term | All | Any | Without


def parse(text: str) -> Node | None:
    """Read a query.

    Returns:
        Its tree; ``str`` of it is a query that means the same. ``None`` where there is no word in it.

    Raises:
        SettingError: It is longer than anybody writes.
    """
    if len(text) > LONGEST:
        raise SettingError(f"The text to search for has {len(text):,} letters; {LONGEST:,} are the most.")
    tokens = list(_tokens(text))
    if sum(isinstance(token, Term) for token in tokens) > MOST_TERMS:
        raise SettingError(f"The text to search for has more than {MOST_TERMS} words; leave some out.")
    return _tree(tokens)


def terms(node: Node | None) -> Iterator[Term]:
    """Yield what is wanted: every term but those after ``not``."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, All | Any):
        for part in node.parts:
            yield from terms(part)


def _tokens(text: str) -> Iterator[Term | str]:
    """Yield terms, brackets and the operators ``and``, ``or``, ``not``."""
    for match in _TOKEN.finditer(text):
        phrase, bracket, word = match.groups()
        if bracket:
            yield bracket
        elif phrase is not None:
            ends = text[match.end() : match.end() + 1] == "*"
            yield from _term(phrase, prefix=ends)
        elif word.casefold() in _OPERATORS:
            yield word.casefold()
        else:
            if word.startswith("-") and len(word) > 1:
                yield "not"
            yield from _term(word, prefix=word.endswith("*"))


def _term(text: str, *, prefix: bool) -> Iterator[Term]:
    """Yield a term of what may hold no word, or several: ``semi-final`` is a phrase of two."""
    # What may go on is not the singular of anything yet.
    words = tuple(stemmed(text))
    if words:
        yield Term(words, prefix)


@dataclass(slots=True)
class _Group:
    """What stands between two brackets, as far as it is read."""

    choices: list[list[Node]]
    negated: bool = False
    opened_negated: bool = False

    def add(self, node: Node) -> None:
        self.choices[-1].append(_without(node) if self.negated else node)
        self.negated = False

    def close(self) -> Node | None:
        parts = [joined for choice in self.choices if (joined := _joined(All, choice)) is not None]
        return _joined(Any, parts)


def _tree(tokens: list[Term | str]) -> Node | None:
    """Read tokens from left to right; brackets that do not match are closed at the end, or mean nothing."""
    stack = [_Group([[]])]
    for place, token in enumerate(tokens):
        group = stack[-1]
        if isinstance(token, Term):
            group.add(token)
        elif token == "(":  # noqa: S105 - a bracket is no password
            stack.append(_Group([[]], opened_negated=group.negated))
            group.negated = False
        elif token == ")":  # noqa: S105
            _close(stack)
        elif not _operates(tokens, place, bool(group.choices[-1])):
            group.add(Term((token,)))
        elif token == "or":  # noqa: S105
            group.choices.append([])
        elif token == "not":  # noqa: S105
            group.negated = not group.negated
    while len(stack) > 1:
        _close(stack)
    return stack[0].close()


def _close(stack: list[_Group]) -> None:
    if len(stack) > 1:
        inner = stack.pop()
        node = inner.close()
        if node is not None:
            stack[-1].negated = inner.opened_negated
            stack[-1].add(node)


def _operates(tokens: list[Term | str], place: int, has_left: bool) -> bool:
    """Say whether an operator has what it needs on its sides; else it is a word like any other."""
    right = tokens[place + 1] if place + 1 < len(tokens) else ")"
    follows = isinstance(right, Term) or right in ("(", "not")
    if tokens[place] == "not":
        return follows
    return has_left and follows


def _joined(kind: type[All] | type[Any], parts: list[Node]) -> Node | None:
    """Join nodes without needless levels, and without saying anything twice."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    flat = list(dict.fromkeys(flat))
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _without(node: Node) -> Node:
    return node.part if isinstance(node, Without) else Without(node)


def _in_brackets(node: Node) -> str:
    return f"({node})" if isinstance(node, All | Any) else str(node)
