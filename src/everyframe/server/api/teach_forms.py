"""What the API takes and gives of footage, labels, libraries and what takes long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from everyframe.highlights.library import FEWEST
from everyframe.server.api.forms import Form, Key, Line, Number
from everyframe.server.job_files import JobState
from everyframe.store.archive.labels import MOST

Second = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False, description="Seconds in the footage")]
LibraryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
Word = Annotated[Line, Field(max_length=200)]
Event = Annotated[Line, Field(min_length=1, max_length=200, description="What happens")]


class FootageForm(Form):
    """Footage to be indexed."""

    path: Annotated[Line, Field(min_length=1, max_length=1000)] = Field(
        description="A file or a folder, within the folder of footage that the settings name"
    )


class FootageOut(BaseModel):
    """Footage that is indexed."""

    id: int
    name: str
    file: str = Field(description="Where it lies in the folder of footage, or the file's name")
    seconds: Number = Field(description="How long it lasts")
    fps: Number
    width: int | None
    height: int | None
    date: str | None
    indexed_utc: float = Field(description="POSIX seconds")
    here: bool = Field(description="Whether the file is there")
    moments: dict[str, int] = Field(description="How many there are of each label, the most frequent first")
    by_people: int = Field(description="How many of those a person said")
    film: str | None = Field(description="Address of the film, where browsers play that")


class FootagePage(BaseModel):
    """Some of the footage that is indexed."""

    footage: list[FootageOut]
    more: bool = Field(description="Whether there is more")


class Label(Form):
    """What happens in a stretch of footage."""

    start: Second
    end: Second
    label: Event
    about: dict[str, Word] = Field({}, max_length=30, description="Who, where and when: player, team, …")


class LabelsForm(Form):
    """All that is labelled in a file of footage."""

    edition: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(description="Of what these were made from")
    labels: Annotated[list[Label], Field(max_length=MOST)]


class TableForm(Form):
    """A table of labels."""

    name: Annotated[Line, Field(min_length=1, max_length=200, description="Of the file: labels.csv")]
    text: Annotated[str, Field(max_length=900_000, description="What is in it")]


class LabelsOut(BaseModel):
    """All that is labelled in a file of footage."""

    edition: int = Field(description="Rises with every change")
    labels: list[Label]
    left_out: int = Field(0, description="Rows of a table that are about other footage")


class TeachForm(Form):
    """A library to be taught from what people labelled."""

    name: LibraryName
    classes: Annotated[list[Event], Field(min_length=1, max_length=200)] = Field(
        description=f"Labels, with {FEWEST} examples each at least"
    )
    add_to: LibraryName | None = Field(None, description="Library to add the classes to, without training")
    streams: Literal["both", "frames", "flow"] = "both"
    fusion: Literal["late", "early"] = "late"
    recurrent: Literal["gru", "lstm", "none"] = "gru"
    mirror: bool = Field(True, description="Whether left and right mean the same")
    epochs: Annotated[int, Field(ge=0, le=1000)] = Field(
        0, description="Times that a network sees every example; 0 trains none and needs no PyTorch"
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class SpotForm(Form):
    """Footage to look through with a library."""

    footage: Annotated[list[Key], Field(min_length=1, max_length=10_000)] | None = Field(
        None, description="Numbers; all that is here where there are none"
    )
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = Field(
        None, description="Confidence from which an event is told; by default the library's own"
    )


class LibraryOut(BaseModel):
    """A library of events."""

    name: str
    classes: list[str]
    changed_utc: float = Field(description="POSIX seconds")
    size: int = Field(description="Bytes")
    examples: int | None
    epochs: int | None
    accuracy: Number = Field(description="On examples whose group was left out, where that was measured")
    fault: str = Field(description="Why it cannot be used")
    file: str = Field(description="Its address")


class JobOut(BaseModel):
    """Work that takes long, and how far it has come."""

    id: int
    kind: str = Field(description="index, teach or spot")
    title: str
    who: str
    made_utc: float
    state: JobState
    doing: str
    name: str = Field(description="With what")
    done: float
    total: float = Field(description="0 where nobody knows")
    more: str = Field(description="What there is so far")
    stopping: bool = Field(description="Whether it was asked to end")
    curve: list[float] = Field(description="The loss after each epoch")
    fault: str = Field(description="Why it failed")
    outcome: str = Field(description="What came of it")
    notes: list[str] = Field(description="What went otherwise than one may think")
