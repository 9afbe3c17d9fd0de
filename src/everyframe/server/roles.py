"""Who may do what."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each one may do what those before it may."""

    VIEWER = "viewer"  # look
    REVIEWER = "reviewer"  # and say what events were, and make reels
    ADMIN = "admin"  # and change cameras, people and tokens

    def may(self, needed: Role) -> bool:
        """Say whether this role is enough where ``needed`` is asked for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
