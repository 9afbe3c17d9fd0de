"""Passwords and other secrets: made, hashed, compared."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from everyframe.errors import AccountError

SHORTEST, LONGEST = 10, 256
"""Characters that a password may have."""

_N, _R, _P = 2**15, 8, 1  # 32 MB and about 0.1 s each: RFC 7914 for interactive use, one step up
_MEMORY = 2**26
_SALT, _KEY = 16, 32


def hashed(password: str) -> str:
    """Hash a password with scrypt (Percival and Josefsson, RFC 7914, 2016) and a salt of its own.

    Raises:
        AccountError: It is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"A password has {SHORTEST} to {LONGEST} characters; choose another one.")
    salt = secrets.token_bytes(_SALT)
    return "$".join(
        ("scrypt", str(_N), str(_R), str(_P), _text(salt), _text(_derive(password, salt, _N, _R, _P)))
    )


def matches(password: str, stored: str) -> bool:
    """Say whether a password is the one that was hashed; takes as long where it is not."""
    _, n, r, p, salt, key = stored.split("$")
    found = _derive(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(key))


def waste_time(password: str) -> None:
    """Take as long as ``matches``: nobody shall hear from the clock which names exist."""
    _derive(password, b"\0" * _SALT, _N, _R, _P)


def new_secret(prefix: str = "") -> str:
    """Make a secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def new_password() -> str:
    """Make a password that can be typed: 20 characters in groups of five, 100 bits, none to be confused."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def digest(secret: str) -> str:
    """Return what is kept of a secret of 256 bits; such a one needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(secret: str) -> str:
    """Return the word that a page of this session sends along with what changes anything."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two words without telling by the clock where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=_KEY)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
