"""How many pictures are done, for a bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from everyframe.cli.progress import Done


@dataclass(frozen=True, slots=True)
class Counted:
    """Pictures that are done; see ``cli.progress``.

    Attributes:
        seconds: How many, in place of seconds of footage.
        total: Of how many.
        source: Of what.
    """

    seconds: float
    total: float | None
    source: str


def in_pictures(done: Done) -> str:
    """Say how many pictures are done."""
    return f"{done.seconds:.0f} of {done.total:.0f} pictures"
