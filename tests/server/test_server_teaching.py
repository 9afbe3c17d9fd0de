"""Teaching through the API: from labels to a library, and from a library to moments that are found."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Enter
from tests.server.lessons import KINDS, write_lessons

from everyframe.archive import index, search
from everyframe.highlights import Library, Segment
from everyframe.server.house import House
from everyframe.server.job_files import Job, JobState, keep
from everyframe.server.jobs import Jobs
from everyframe.server.works import Place, kinds
from everyframe.store import Store
from everyframe.store.archive.labels import Labels
from everyframe.store.archive.shelf import shelf

API = "/api/v1"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[float, float, str]]]:
    """Return a folder with a film of ten lessons and one of four, and what the first one shows."""
    folder = tmp_path_factory.mktemp("films")
    told = write_lessons(folder / "lessons.mp4", [*KINDS] * 5)
    write_lessons(folder / "match.mp4", ["waving", "across"], first=60)
    return folder, told


@pytest.fixture
def labelled(store: Store, films: tuple[Path, list[tuple[float, float, str]]]) -> tuple[int, int]:
    """Index both films and label the first one; return their numbers."""
    folder, told = films
    index([folder], store=store, pictures=False)
    lessons, match = (one.footage.id for one in shelf(store)[0])
    Labels(store).put(lessons, [Segment(*one) for one in told], "ada")
    return lessons, match


class Watched:
    """A desk in this very process: hears what work says, and stops it after so many words."""

    def __init__(self, after: int = 10_000) -> None:
        from threading import Event

        self.stopping, self.after = Event(), after
        self.told: list[tuple[Any, ...]] = []
        self.curve: list[float] = []
        self.notes: list[str] = []

    def tell(self, *told: Any) -> None:
        self.told.append(told)
        if len(self.told) >= self.after:
            self.stopping.set()

    def point(self, value: float, number: int) -> None:
        self.curve.append(value)

    def note(self, line: str) -> None:
        self.notes.append(line)


def place_of(store: Store) -> Place:
    return Place(store.place, store.folder, "")


def done(house: House, store: Store, answer: Any) -> str:
    """Do what was asked for, in this very process; return what came of it."""
    assert answer.status_code == 201, answer.text
    job = house.jobs.one(answer.json()["id"])
    assert job is not None
    outcome = kinds(place_of(store))[job.kind](job.task, desk := Watched())  # type: ignore[arg-type]
    assert desk.notes == []
    house.jobs.stop(job.id)  # it waits no more
    return outcome


def test_what_was_taught_is_spotted_and_found(
    enter: Enter, house: House, labelled: tuple[int, int], store: Store
) -> None:
    client = enter("reviewer")
    form = {"name": "moves", "classes": [*KINDS], "epochs": 0, "streams": "flow"}
    answer = client.post(f"{API}/libraries", json=form)
    assert done(house, store, answer) == "moves knows across, waving."
    (library,) = client.get(f"{API}/libraries").json()
    assert (library["name"], set(library["classes"]) - {"nothing"}) == ("moves", set(KINDS))
    assert (library["epochs"], library["fault"], library["accuracy"]) == (0, "", None)
    assert Library.from_bytes(client.get(library["file"]).content).events == KINDS

    spotting = client.post(f"{API}/libraries/moves/spot", json={"footage": [labelled[1]]})
    outcome = done(house, store, spotting)
    found = [one for one in search(last=50, store=store) if one.said_by == "recogniser"]
    assert {one.footage for one in found} == {"match"}
    assert {one.segment.label for one in found} == set(KINDS)
    assert outcome == f"{len(found)} moments in 1 file."
    assert all(one.strip is not None and one.strip.is_file() for one in found)
    # Once more says the same: nothing twice.
    again = client.post(f"{API}/jobs/{spotting.json()['id']}/again")
    assert done(house, store, again) == outcome
    both = [one.id for one in search(last=50, store=store) if one.said_by == "recogniser"]
    assert both == [one.id for one in found]

    assert client.delete(f"{API}/libraries/moves").status_code == 403
    assert enter("admin").delete(f"{API}/libraries/moves").status_code == 204
    assert client.get(f"{API}/libraries").json() == []


def test_what_is_too_little_or_not_there_is_refused_in_a_line(
    enter: Enter, house: House, labelled: tuple[int, int], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("reviewer")
    few = [Segment(20.0 + at, 20.5 + at, "jump") for at in range(3)]
    Labels(store).add(labelled[0], few, "ada")
    for form, status, words in (
        ({"classes": ["across", "jump"]}, 400, "jump has 3 of 5 examples"),
        ({"classes": ["across", "dive"]}, 400, "dive has 0 of 5 examples"),
        ({"classes": ["across"]}, 400, "Choose a second class"),
        ({"classes": ["ACROSS", "across"]}, 400, "Choose a second class"),
        ({"classes": []}, 422, "classes"),
        ({"classes": [*KINDS], "name": "../x"}, 422, "name"),
        ({"classes": [*KINDS], "add_to": "none"}, 404, "no library none"),
    ):
        answer = client.post(f"{API}/libraries", json={"name": "x", "epochs": 0, **form})
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("everyframe.vision.needing.find_spec", lambda name: None)
    answer = client.post(f"{API}/libraries", json={"name": "x", "classes": [*KINDS], "epochs": 3})
    assert (answer.status_code, "needs PyTorch" in answer.json()["detail"]) == (400, True)
    assert client.post(f"{API}/libraries/x/spot", json={}).status_code == 404
    assert client.get(f"{API}/libraries/x/file").status_code == 404
    assert enter("viewer").post(f"{API}/libraries", json={"name": "x", "classes": ["a"]}).status_code == 403
    house.libraries.mkdir()
    (house.libraries / "torn.library").write_bytes(b"half of it")
    (torn,) = client.get(f"{API}/libraries").json()
    assert torn["fault"] == "It is damaged; teach it again."


TASK = {
    "library": "moves",
    "classes": list(KINDS),
    "add_to": None,
    "streams": "flow",
    "fusion": "late",
    "recurrent": "none",
    "mirror": True,
    "epochs": 3,
    "seed": 0,
}


def test_training_goes_on_from_where_it_was_cut_off_and_may_be_stopped(
    store: Store, labelled: tuple[int, int]
) -> None:
    pytest.importorskip("torch")
    from everyframe.server.desk import Stopped

    place = place_of(store)
    teach = kinds(place)["teach"]

    class CutOff(BaseException): ...

    class Cut(Watched):
        def point(self, value: float, number: int) -> None:
            super().point(value, number)
            raise CutOff

    cut = Cut()
    with pytest.raises(CutOff):
        teach(TASK, cut)  # type: ignore[arg-type]
    assert not list(place.libraries.glob("*.library"))
    (checkpoint,) = place.libraries.glob(".*.checkpoint")
    # It goes on after the first epoch, and is stopped after the next: what it learned is kept.
    rest = Watched()
    rest.point = lambda value, number: (rest.curve.append(value), rest.stopping.set())  # type: ignore[assignment,func-returns-value]
    with pytest.raises(Stopped, match="Stopped after epoch 2 of 3; what was learned is kept"):
        teach(TASK, rest)  # type: ignore[arg-type]
    assert (len(cut.curve), len(rest.curve)) == (1, 1)
    assert not checkpoint.exists()
    assert [told[0] for told in rest.told if told[0] == "learning"]
    library = Library.load(place.libraries / "moves.library")
    assert (library.events, bool(library.model)) == (KINDS, True)
    with pytest.raises(Stopped, match="before anything was learned"):
        teach(TASK | {"library": "none"}, Watched(after=2))  # type: ignore[arg-type]
    assert sorted(path.name for path in place.libraries.iterdir()) == ["moves.library"]


def test_a_class_is_added_and_spotting_that_is_stopped_keeps_whole_files(
    store: Store, labelled: tuple[int, int]
) -> None:
    from everyframe.errors import LabelError
    from everyframe.server.desk import Stopped

    place = place_of(store)
    work = kinds(place)
    work["teach"](TASK | {"epochs": 0}, Watched())  # type: ignore[arg-type]
    lessons, _ = labelled
    renamed = [
        replace(one, label="new") if one.label == "across" else one
        for one in Labels(store).of(lessons).segments
    ]
    Labels(store).put(lessons, renamed, "ada")
    task = TASK | {"library": "more", "add_to": "moves", "classes": ["new", "waving"]}
    assert work["teach"](task, Watched()) == "It knows new now, too."  # type: ignore[arg-type]
    assert Library.load(place.libraries / "more.library").events == (*KINDS, "new")
    with pytest.raises(LabelError, match="knows all of these"):
        work["teach"](task | {"classes": ["waving"]}, Watched())  # type: ignore[arg-type]

    spot = {"library": "moves", "footage": None, "threshold": None}
    with pytest.raises(Stopped, match="Stopped after 0 of 2 files: 0 moments"):
        work["spot"](spot, Watched(after=3))  # type: ignore[arg-type]
    assert not [one for one in search(last=50, store=store) if one.said_by == "recogniser"]


def test_work_that_was_cut_off_is_told_as_interrupted(tmp_path: Path, store: Store) -> None:
    job = Job(3, "teach", "Teach moves", "ada", 1.0, TASK, state=JobState.RUNNING)
    (tmp_path / "jobs").mkdir()
    keep(tmp_path / "jobs", job)
    (told,) = Jobs(tmp_path / "jobs", kinds(place_of(store))).all()
    assert (told.state, told.task) == (JobState.INTERRUPTED, TASK)
    assert json.loads((tmp_path / "jobs" / "3.json").read_text())["state"] == "running"
