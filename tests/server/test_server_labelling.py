"""Labels through the API: said by a person, found at once, sent as a table and back."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.conftest import Enter

from everyframe.archive import index, search
from everyframe.errors import EveryframeError, LabelError, SettingError
from everyframe.highlights import Segment, read_labels
from everyframe.store import Store, write_clip
from everyframe.store.archive.labels import BY, MOST, Labels, said_by_people
from everyframe.store.archive.shelf import shelf, take_away
from everyframe.types import Frame

API = "/api/v1"


@pytest.fixture
def film(store: Store, tmp_path: Path) -> int:
    """Index a film of 4 s; return its number."""
    frames = [Frame(at, at / 5, np.full((48, 64), 9 * at, np.uint8)) for at in range(20)]
    index([write_clip(frames, tmp_path / "final 2026-03-02.mp4", fps=5)], store=store, pictures=False)
    return shelf(store)[0][0].footage.id


def label(start: float, end: float, name: str = "smash", **about: str) -> dict[str, Any]:
    return {"start": start, "end": end, "label": name, "about": about}


def test_what_is_labelled_is_found_at_once_and_keeps_who_said_it(
    enter: Enter, film: int, store: Store
) -> None:
    client, at = enter("reviewer"), f"{API}/footage/{film}/labels"
    assert client.get(at).json() == {"edition": 0, "labels": [], "left_out": 0}
    labels = [label(2.0, 2.5, "drop"), label(0.5, 1.2, player="Ada")]
    kept = client.put(at, json={"edition": 0, "labels": labels}).json()
    assert [(one["start"], one["label"]) for one in kept["labels"]] == [(0.5, "smash"), (2.0, "drop")]
    assert kept["labels"][0]["about"] == {BY: "reviewer", "player": "Ada"}
    found = client.get(f"{API}/moments", params={"text": "smash", "player": "ada"}).json()["moments"]
    assert [(one["start"], one["said_by"], one["date"]) for one in found] == [(0.5, "person", "2026-03-02")]

    # Somebody else trims one and leaves the other: it stays the first one's, under the same number.
    other = enter("admin")
    drop = next(one for one in kept["labels"] if one["label"] == "drop")
    form = {"edition": kept["edition"], "labels": [label(0.5, 1.4, player="Ada"), drop]}
    trimmed = other.put(at, json=form).json()
    assert [one["about"][BY] for one in trimmed["labels"]] == ["admin", "reviewer"]
    assert len(search(last=9, store=store)) == 2
    late = client.put(at, json={"edition": kept["edition"], "labels": []})
    assert (late.status_code, "Somebody else changed" in late.json()["detail"]) == (409, True)
    assert client.get(f"{API}/footage/{film}").json()["by_people"] == 2
    # Nothing is left where nothing is labelled any more.
    assert client.put(at, json={"edition": trimmed["edition"], "labels": []}).json()["labels"] == []
    assert not search(last=9, store=store).moments


def test_what_cannot_be_a_label_is_refused_and_what_was_there_stays(enter: Enter, film: int) -> None:
    client, at = enter("reviewer"), f"{API}/footage/{film}/labels"
    kept = client.put(at, json={"edition": 0, "labels": [label(0.0, 1.0)]}).json()
    for wrong, status, words in (
        (label(1.0, 1.0), 400, "let it end later"),
        (label(3.0, 9.0), 400, "lasts 4.00 s"),
        (label(1.0, 2.0, date="soon"), 400, "is no day"),
        (label(1.0, 2.0, " – "), 400, "needs a letter or a digit"),
        (label(1.0, 2.0, ""), 422, "label"),
        (label(-1.0, 2.0), 422, "start"),
        ({"start": 1.0, "end": 2.0}, 422, "label"),
    ):
        answer = client.put(at, json={"edition": kept["edition"], "labels": [label(0.0, 1.0), wrong]})
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert client.get(at).json() == kept
    assert client.put(f"{API}/footage/99/labels", json={"edition": 0, "labels": []}).status_code == 404
    assert enter("viewer").put(at, json={"edition": 0, "labels": []}).status_code == 403


def test_labels_leave_as_the_table_that_teach_reads_and_come_back(
    enter: Enter, film: int, store: Store, tmp_path: Path
) -> None:
    client, at = enter("reviewer"), f"{API}/footage/{film}/labels"
    labels = [label(0.5, 1.25, player="Ada, the first"), label(2.0, 3.0, "drop")]
    client.put(at, json={"edition": 0, "labels": labels})
    answer = client.get(f"{API}/labels", params={"footage": film})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="final 2026-03-02.labels.csv"'
    assert client.get(f"{API}/labels").text == answer.text
    table = tmp_path / "labels.csv"
    table.write_text(answer.text)
    assert [(one.start, one.end, one.label, dict(one.about)) for one in read_labels(table)] == [
        (0.5, 1.25, "smash", {"player": "Ada, the first"}),
        (2.0, 3.0, "drop", {}),
    ]
    edition = client.get(at).json()["edition"]
    client.put(at, json={"edition": edition, "labels": [label(2.0, 3.0, "drop")]})
    text = f"{answer.text}other.mp4,1,2,lob,\n"
    back = client.post(at, json={"name": "labels.csv", "text": text}).json()
    assert ([one["label"] for one in back["labels"]], back["left_out"]) == (["smash", "drop"], 1)
    for name, told, words in (
        ("labels.csv", "file,start,end,label\nother.mp4,1,2,lob\n", "says nothing of final 2026-03-02.mp4"),
        ("labels.csv", "file,label\nx,y\n", "labels.csv has no column 'start'"),
        ("labels.csv", "start,end,label\n1,2\n", "labels.csv, line 2"),
        ("labels.csv", "start,end,label\n1,9,lob\n", "lasts 4.00 s"),
        ("labels.json", "{", "labels.json"),
        ("labels.txt", "x", "labels are read from .csv"),
    ):
        wrong = client.post(at, json={"name": name, "text": told})
        assert (wrong.status_code, words in wrong.json()["detail"]) == (400, True), wrong.text
        assert str(tmp_path.parent) not in wrong.text
    assert client.get(at).json()["labels"] == back["labels"]


def test_a_stranger_sees_no_labels(app: object, film: int) -> None:
    with TestClient(app) as client:  # type: ignore[arg-type]
        assert client.get(f"{API}/footage/{film}/labels").status_code == 401
        assert client.get(f"{API}/labels").status_code == 401


def test_a_list_that_was_not_kept_whole_leaves_the_one_before(store: Store, film: int) -> None:
    """As where the power goes between two steps of keeping: never half a list."""
    labels = Labels(store)
    first = labels.put(film, [Segment(0.0, 1.0, "smash"), Segment(2.0, 3.0, "drop")], "ada")

    class Torn(Exception): ...

    for step in ("begin", "keep", "finish"):
        torn = Labels(store)
        whole = getattr(torn._keeper, step)

        def tear(*told: Any, whole: Any = whole, step: str = step, **more: Any) -> Any:
            if step == "begin":
                whole(*told, **more)
            raise Torn

        setattr(torn._keeper, step, tear)
        with pytest.raises(Torn):
            torn.put(film, [Segment(0.0, 1.0, "smash"), Segment(1.0, 2.0, step)], "bo")
        if step != "finish":
            assert labels.of(film).segments == first.segments
    # All of the last one is kept but for what is to go.
    assert [one.label for one in Labels(store).of(film).segments] == ["smash", "finish"]
    again = Labels(store)
    assert [one.label for one in again.put(film, [Segment(2.0, 3.0, "drop")], "ada").segments] == ["drop"]
    assert [one.segment.label for one in search(last=9, store=store)] == ["drop"]


def test_too_many_labels_and_unknown_footage_are_refused(store: Store, film: int) -> None:
    labels = Labels(store)
    with pytest.raises(LabelError, match="5,000 are kept"):
        labels.put(film, [Segment(0.0, 1.0, "x")] * (MOST + 1), "ada")
    with pytest.raises(SettingError, match="no footage 99"):
        labels.put(99, [], "ada")
    with pytest.raises(LabelError, match="needs a letter"):
        labels.put(film, [Segment(0.0, 1.0, "?!")], "ada")


def test_what_people_said_is_there_once_and_gone_with_its_footage(
    store: Store, film: int, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("video,start,end,label\nfinal 2026-03-02,0.5,1.5,Smash\n")
    index([table], store=store, said_by="person", pictures=False)
    Labels(store).put(film, [Segment(0.5, 1.5, "smash"), Segment(2.0, 3.0, "smash")], "ada")
    assert [(one.start, one.label) for one in said_by_people(store)] == [(0.5, "Smash"), (2.0, "Smash")]
    assert take_away(store, film)
    assert said_by_people(store) == []
    assert Labels(store).of(film).segments == ()


times = st.floats(0.0, 4.2, allow_nan=False).map(lambda value: round(value, 3))
spans = st.tuples(times, times).map(sorted)
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
segments = st.lists(st.tuples(spans, names, st.dictionaries(names, names, max_size=2)), max_size=5)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("kept")
    frames = [Frame(at, at / 5, np.full((48, 64), 9 * at, np.uint8)) for at in range(20)]
    with Store(folder / "data") as store:
        index([write_clip(frames, folder / "film.mp4", fps=5)], store=store, pictures=False)
        yield store, shelf(store)[0][0].footage.id


@given(told=segments)
@settings(max_examples=25)
def test_whatever_is_labelled_is_kept_as_it_is_or_refused_whole(kept: Any, told: Any) -> None:
    store, film = kept
    labels = Labels(store)
    before = labels.of(film)
    try:
        wanted = [Segment(start, end, name, about=about) for (start, end), name, about in told]
        after = labels.put(film, wanted, "ada")
    except EveryframeError:
        assert labels.of(film) == before
        return
    assert after == labels.of(film)
    back = labels.put(film, after.segments, "bo")  # what is there can be sent back
    assert back.segments == after.segments
    assert {(one.start, one.end) for one in after.segments} == {
        (one.start, min(one.end, 4.0)) for one in wanted
    }
    assert all(math.isfinite(one.end) and one.about[BY] == "ada" for one in after.segments)
    assert len(search(last=50, store=store)) == len(after.segments)
