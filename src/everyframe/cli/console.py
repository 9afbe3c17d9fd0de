"""What is said, and where: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text


def out() -> Console:
    """Return what prints results; made anew, so that it writes to whatever standard output is now."""
    return Console(file=sys.stdout, highlight=False)


def err() -> Console:
    """Return what prints status, progress and errors."""
    return Console(file=sys.stderr, highlight=False)


def note(text: str) -> None:
    """Say a line of status."""
    err().print(Text(text, style="dim"), soft_wrap=True)


def complain(error: Exception) -> None:
    """Say in one red line what is wrong and what to do."""
    line = " ".join(str(error).split())
    err().print(Text(line, style="red"), soft_wrap=True)
