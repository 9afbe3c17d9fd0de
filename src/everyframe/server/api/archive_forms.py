"""What the API takes and gives of the archive: moments, profiles and their feeds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from everyframe.highlights.personal import LENGTH
from everyframe.server.api.forms import Form, Number
from everyframe.store.archive.profiles import LONGEST as LONGEST_FEED
from everyframe.store.archive.profiles import MOST_FOLLOWED, Feedback

ProfileName = Annotated[str, StringConstraints(pattern=r"^[\p{L}\p{N}][\p{L}\p{N}_ .\-]{0,63}$")]
Followed = Annotated[str, StringConstraints(pattern=r"^[\p{L}\p{N}][^\x00-\x1f]{0,199}$")]
"""A player, a team or a kind: a line that begins with a letter or a digit."""


class MomentOut(BaseModel):
    """A stretch of footage in which something happens."""

    id: int
    label: str
    start: float = Field(description="Seconds in the footage")
    end: float = Field(description="Seconds in the footage")
    confidence: float = Field(description="From 0 to 1; 1 where a person said so")
    footage: str = Field(description="Its name; empty where nobody said it")
    utc: Number = Field(description="POSIX seconds of its start, where its day is known")
    said_by: str = Field(description="person, recogniser or feed")
    likeness: Number = Field(
        description="How like what was asked for it looks, at most 1, where that was asked"
    )
    player: str | None
    team: str | None
    opponent: str | None
    competition: str | None
    date: str | None
    period: str | None
    clock: str | None = Field(description="Of the game")
    text: str | None
    about: dict[str, str] = Field(description="What else is said of it")
    strip: str | None = Field(description="Address of its picture, eight frames side by side")
    film: str | None = Field(description="Address of the footage that it is in, where browsers play that")


class MomentPage(BaseModel):
    """What a search found."""

    moments: list[MomentOut]
    more: bool = Field(description="Whether there are more")
    hints: list[str] = Field(description="What to try where nothing was found")


class ProfileForm(Form):
    """What somebody wants to see of the archive."""

    players: list[Followed] = Field([], max_length=MOST_FOLLOWED, description="Any word of a name will do")
    teams: list[Followed] = Field([], max_length=MOST_FOLLOWED)
    kinds: list[Followed] = Field([], max_length=MOST_FOLLOWED, description="Labels: what happens")
    seconds: Annotated[float, Field(ge=1.0, le=LONGEST_FEED, description="How long the feed may last")] = (
        LENGTH
    )


class ProfileOut(BaseModel):
    """What somebody wants to see of the archive."""

    name: str
    players: list[str]
    teams: list[str]
    kinds: list[str]
    seconds: float = Field(description="How long the feed may last")


class FeedbackForm(Form):
    """What became of a moment of a feed."""

    kind: Feedback


class ReasonOut(BaseModel):
    """Why a moment is where it is in a feed."""

    text: str
    points: float = Field(description="What it adds to the score; below 0 it counts against it")


class FeedMoment(MomentOut):
    """A moment of a feed."""

    score: float = Field(description="The sum of its reasons")
    reasons: list[ReasonOut] = Field(description="What counts most first")


class FeedPage(BaseModel):
    """What somebody may want to see next."""

    profile: ProfileOut
    moments: list[FeedMoment]
    hints: list[str] = Field(description="What to try where there is nothing")
