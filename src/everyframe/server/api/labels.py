"""Labels: what people say happens in footage, as a list and as a table."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from everyframe.errors import LabelError
from everyframe.highlights import Segment
from everyframe.highlights.labels import read_segments
from everyframe.highlights.text import folded
from everyframe.server.api.footage import Number, known
from everyframe.server.api.forms import Key
from everyframe.server.api.teach_forms import Label, LabelsForm, LabelsOut, TableForm
from everyframe.server.guard import Reviewer, TheHouse, Viewer
from everyframe.server.shelf import shown
from everyframe.store.archive.labels import BY, ChangedMeanwhile, Labelled, said_by_people

router = APIRouter(tags=["labels"])

_COLUMNS = ("file", "start", "end", "label")
_KINDS = (".csv", ".json", ".otio")


@router.get("/labels", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def table(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    footage: Annotated[Key | None, Query(description="Of this footage alone")] = None,
) -> Response:
    """Return what people labelled as the table (CSV) that `everyframe teach` reads."""
    if footage is None:
        segments = said_by_people(house.store)
        name = "labels"
    else:
        one = known(house, footage).footage
        path = str(one.path or one.name)
        segments = [_at(path, each) for each in house.labels.of(footage).segments]
        name = f"{one.name}.labels"
    called = (each if each.isalnum() or each in " -_.()" else "-" for each in name)
    safe = "".join(called).encode("ascii", "replace").decode().replace("?", "-")
    text = written(segments, lambda path: shown(house.settings.footage, File(path)))
    headers = {"Content-Disposition": f'attachment; filename="{safe}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/footage/{number}/labels")
def some(number: Number, house: TheHouse, visitor: Viewer) -> LabelsOut:  # noqa: ARG001
    """Return what is labelled in footage."""
    known(house, number)
    return told(house.labels.of(number))


@router.put("/footage/{number}/labels", responses={409: {"description": "Somebody else changed them"}})
def put(number: Number, form: LabelsForm, house: TheHouse, visitor: Reviewer) -> LabelsOut:
    """Say anew all that is labelled in footage; it is found by search at once."""
    known(house, number)
    segments = [_segment(one) for one in form.labels]
    try:
        return told(house.labels.put(number, segments, visitor.account.name, edition=form.edition))
    except ChangedMeanwhile as error:
        raise HTTPException(409, str(error)) from error


@router.post("/footage/{number}/labels")
def add(number: Number, form: TableForm, house: TheHouse, visitor: Reviewer) -> LabelsOut:
    """Add what a table (CSV, JSON, OTIO) says of this footage."""
    one = known(house, number).footage
    segments = read_table(form)
    names = {folded(one.name), *([folded(one.path.name), folded(one.path.stem)] if one.path else [])}
    mine = [each for each in segments if not each.source or folded(File(each.source).name) in names]
    if not mine:
        raise LabelError(f"{form.name} says nothing of {one.path.name if one.path else one.name}.")
    kept = told(house.labels.add(number, mine, visitor.account.name))
    return kept.model_copy(update={"left_out": len(segments) - len(mine)})


def read_table(form: TableForm) -> list[Segment]:
    """Read a table that was sent.

    Raises:
        LabelError: It is none.
    """
    suffix = File(form.name).suffix.lower()
    if suffix not in _KINDS:
        raise LabelError(f"{form.name}: labels are read from {', '.join(_KINDS)} files.")
    with tempfile.TemporaryDirectory(prefix="everyframe-") as folder:
        place = File(folder) / f"labels{suffix}"
        place.write_bytes(form.text.encode("utf-8", "replace"))
        try:
            return read_segments(place)
        except LabelError as error:
            raise LabelError(str(error).replace(str(place), form.name)) from None


def written(segments: Iterable[Segment], called: Callable[[str], str]) -> str:
    """Return segments as a table; ``called`` says how each file is written."""
    rows = [
        {
            "file": called(one.source),
            "start": f"{one.start:.3f}",
            "end": f"{one.end:.3f}",
            "label": one.label,
            **{name: said for name, said in one.about.items() if name not in _COLUMNS and name != BY},
        }
        for one in segments
    ]
    more = dict.fromkeys(name for row in rows for name in row if name not in _COLUMNS)
    text = io.StringIO()
    writer = csv.DictWriter(text, (*_COLUMNS, *more), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def told(labelled: Labelled) -> LabelsOut:
    """Return labels as the API gives them."""
    labels = [
        Label.model_construct(start=one.start, end=one.end, label=one.label, about=dict(one.about))
        for one in labelled.segments
    ]
    return LabelsOut.model_construct(edition=labelled.edition, labels=labels, left_out=0)


def _segment(one: Label) -> Segment:
    if not one.end > one.start:
        raise LabelError(f"{one.label} is from {one.start:g} to {one.end:g} s; let it end later.")
    about = {name: said for name, said in one.about.items() if name != BY}
    return Segment(one.start, one.end, one.label, about=about)


def _at(path: str, one: Segment) -> Segment:
    return Segment(one.start, one.end, one.label, one.confidence, path, one.about)
