"""What a source is called in messages: recognisable, and without a secret in it."""

from __future__ import annotations

import re
from pathlib import Path

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+):", re.IGNORECASE)
# Greedy up to the last "@": a password may itself hold "@", "/" or "?" when somebody forgot to escape it.
_USERINFO = re.compile(r"(?<=://)([^:/@\s]*):\S*@")
_SECRETS = re.compile(
    r"(?<=[?&])((?:[a-z_-]*(?:pass|pwd|token|secret|auth|sig|key)[a-z_-]*)=)[^&#\s]+", re.IGNORECASE
)


def scheme_of(spec: str) -> str:
    """Return the URL scheme of ``spec`` in lower case, ``""`` for a path.

    A single letter is a drive (``C:/videos``), not a scheme.
    """
    found = _SCHEME.match(spec)
    return found.group(1).lower() if found else ""


def is_there(spec: str) -> bool:
    """Say whether ``spec`` is a file, folder or device that can be looked at.

    A long URL is not: as the name of a file it is too long, which the operating system calls an error.
    """
    try:
        return Path(spec).exists()
    except OSError:
        return False


def masked(spec: str) -> str:
    """Return ``spec`` without its secrets: ``rtsp://user:***@host/stream?token=***``."""
    if "://" not in spec:
        return spec
    return _SECRETS.sub(r"\1***", _USERINFO.sub(r"\1:***@", spec))
