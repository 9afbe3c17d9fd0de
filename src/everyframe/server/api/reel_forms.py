"""What the API takes and gives of reels."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from everyframe.server.api.forms import Form, Key, Line
from everyframe.server.reel_jobs import ReelState
from everyframe.server.reels import MOST_CUTS

Second = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False, description="Seconds in its footage")]


class CutForm(Form):
    """A moment of the archive, trimmed."""

    moment: Key
    start: Second | None = Field(None, description="Seconds in its footage; where the moment begins")
    end: Second | None = Field(None, description="Likewise; where the moment ends")


class ReelForm(Form):
    """A reel to be cut."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    cuts: Annotated[list[CutForm], Field(min_length=1, max_length=MOST_CUTS)]
    longest: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = Field(
        None, description="Seconds that it may last; the most confident moments that fit are shown"
    )


class CutOut(BaseModel):
    """A cut of a reel."""

    moment: int
    label: str
    footage: str
    start: float
    end: float


class ReelOut(BaseModel):
    """A reel, and how far it has come."""

    id: int
    title: str
    who: str
    made_utc: float
    state: ReelState
    share: float = Field(description="How much of it is done, from 0 to 1")
    fault: str = Field(description="Why it failed")
    notes: list[str] = Field(description="What went otherwise than one may think")
    seconds: float = Field(description="How long the film lasts, once it is there")
    longest: float | None
    cuts: list[CutOut]
    film: str | None = Field(description="Address of the film (MP4), once it is there")
    lists: dict[str, str] = Field(description="Addresses of its chapters and cut lists, by kind")
