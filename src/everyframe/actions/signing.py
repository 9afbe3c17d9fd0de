"""Signatures of webhooks: that a body comes from us, and when."""

from __future__ import annotations

import hashlib
import hmac

ID = "X-Everyframe-Id"
TIMESTAMP = "X-Everyframe-Timestamp"
SIGNATURE = "X-Everyframe-Signature"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature header's value: HMAC-SHA256 over ``timestamp``, a dot and the body (RFC 2104)."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def verify(
    secret: str, timestamp: str, body: bytes, signature: str, now: float, tolerance: float = 300.0
) -> bool:
    """Say whether a body was signed with the secret, not longer than ``tolerance`` seconds ago.

    For receivers; ``now`` is POSIX seconds.
    """
    try:
        age = abs(now - int(timestamp))
    except ValueError:
        return False
    return age <= tolerance and hmac.compare_digest(
        sign(secret, timestamp, body).encode(), signature.encode("utf-8", "replace")
    )
