"""What long work does, each in a process of its own: index footage, teach a library, spot with it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everyframe.errors import EveryframeError, LabelError, SettingError
from everyframe.server.desk import Desk, Stopped, Work
from everyframe.server.libraries import file_of
from everyframe.server.shelf import check_links, inside, shown
from everyframe.store import Store
from everyframe.store.archive.labels import said_by_people
from everyframe.store.archive.shelf import here

if TYPE_CHECKING:
    from everyframe.highlights import Library, Segment

INDEX, TEACH, SPOT = "index", "teach", "spot"
_OLD = 30 * 86_400.0  # seconds after which what an interrupted training left is of no use


@dataclass(frozen=True, slots=True)
class Place:
    """Where work is done.

    Attributes:
        store: The store's place.
        folder: Of the store.
        footage: The folder that footage may be indexed from; empty where there is none.
    """

    store: str
    folder: Path
    footage: str

    @property
    def libraries(self) -> Path:
        """Where libraries lie."""
        return libraries_in(self.folder)

    def open(self) -> Store:
        """Open the store."""
        return Store(self.store, folder=self.folder)


def libraries_in(folder: Path) -> Path:
    """Return where the libraries of a store's folder lie."""
    return folder / "libraries"


def kinds(place: Place) -> dict[str, Work]:
    """Return what does each kind of work."""
    return {INDEX: partial(index, place), TEACH: partial(teach, place), SPOT: partial(spot, place)}


def index(place: Place, task: Mapping[str, Any], desk: Desk) -> str:
    """Index a file or folder of footage: ``path``."""
    from everyframe import archive

    path = inside(place.footage, task["path"])
    check_links(place.footage, path)
    root = f"{Path(place.footage).expanduser().resolve()}/"

    def tell(told: archive.Indexing) -> None:
        desk.tell(told.doing, told.name, told.done, told.total, _count(told.moments, "new moment"))

    def fault(line: str) -> None:
        desk.note(line.replace(root, ""))

    with place.open() as store:
        done = archive.index([path], store=store, progress=tell, fault=fault, stop=desk.stopping)
    outcome = (
        f"{_count(done.footage, 'file')}, {done.new_footage} new; {_count(done.moments, 'new moment')},"
        f" {_count(done.pictures, 'picture')}"
    )
    if done.left_out:
        outcome += f"; {_count(done.left_out, 'row')} left out"
    if done.stopped:
        raise Stopped(f"Stopped: {outcome}. What is indexed stays; again goes on.")
    return f"{outcome}."


def teach(place: Place, task: Mapping[str, Any], desk: Desk) -> str:
    """Teach a library: ``library``, ``classes``, ``add_to`` or a design, ``mirror``, ``epochs``, ``seed``."""
    from everyframe.highlights import Library

    path = _library(place, task["library"])
    place.libraries.mkdir(parents=True, exist_ok=True)
    with place.open() as store:
        segments = _labelled(store, task["classes"])
    if task["add_to"]:
        library = Library.load(_library(place, task["add_to"]))
        outcome = _add(library, segments, desk)
        library.save(path)
        return outcome
    checkpoint = _checkpoint(place, task, segments)
    library, epochs = _train(segments, task, desk, checkpoint)
    library.save(path)
    checkpoint.unlink(missing_ok=True)
    knows = f"{task['library']} knows {', '.join(library.events)}."
    if desk.stopping.is_set():
        raise Stopped(f"Stopped after epoch {epochs} of {task['epochs']}; what was learned is kept. {knows}")
    return knows


def spot(place: Place, task: Mapping[str, Any], desk: Desk) -> str:
    """Run a library over footage: ``library``, ``footage`` (numbers; ``None`` for all), ``threshold``."""
    from everyframe.highlights import Library

    library = Library.load(_library(place, task["library"]))
    with place.open() as store:
        footage = here(store, task["footage"])
        spotting = _Spotting(store, library, task, desk, footage)
        for path, seconds in footage:
            try:
                spotting.look_through(path, seconds)
            except EveryframeError as error:
                desk.note(str(error).replace(str(path), shown(place.footage, path)))
            spotting.looked += seconds
    if not spotting.files:
        raise SettingError("None of the footage could be looked through; index some that is here.")
    return f"{_count(spotting.moments, 'moment')} in {_count(spotting.files, 'file')}."


class _Spotting:
    """One run over some footage: each file is kept when all of it was looked through."""

    def __init__(
        self,
        store: Store,
        library: Library,
        task: Mapping[str, Any],
        desk: Desk,
        footage: Sequence[tuple[Path, float]],
    ) -> None:
        self.files = self.moments = 0
        self.looked = 0.0  # seconds
        self._store, self._library, self._task, self._desk = store, library, task, desk
        self._count, self._seconds = len(footage), sum(seconds for _, seconds in footage)

    def look_through(self, path: Path, seconds: float) -> None:
        """Find what happens in a file, and keep it."""
        from everyframe import archive
        from everyframe.highlights.spotting import spot as find

        found: list[Segment] = []
        for event in find(
            str(path),
            self._library,
            threshold=self._task["threshold"],
            progress=lambda told: self._tell("looking through", path, told.seconds, len(found)),
            stop=self._desk.stopping.is_set,
        ):
            found.append(event)  # noqa: PERF402 - counted while it grows
        if self._desk.stopping.is_set():  # what half a file shows would take the place of what is known
            raise Stopped(f"Stopped after {self._so_far()}. What was found stays.")
        self._tell("keeping", path, seconds, len(found))
        archive.index([path], segments=found, recogniser=self._task["library"], store=self._store)
        self.files, self.moments = self.files + 1, self.moments + len(found)

    def _tell(self, doing: str, path: Path, now: float, fresh: int) -> None:
        self._desk.tell(doing, path.name, self.looked + now, self._seconds, self._so_far(fresh))

    def _so_far(self, fresh: int = 0) -> str:
        return f"{self.files} of {_count(self._count, 'file')}: {_count(self.moments + fresh, 'moment')}"


def _train(
    segments: Sequence[Segment], task: Mapping[str, Any], desk: Desk, checkpoint: Path
) -> tuple[Library, int]:
    from everyframe.highlights import recogniser
    from everyframe.vision.design import Design

    design = Design(
        streams=("frames", "flow") if task["streams"] == "both" else (task["streams"],),
        fusion=task["fusion"],
        recurrent=task["recurrent"],
    )
    epochs = 0

    def seeing(done: int, total: int) -> None:
        if desk.stopping.is_set() and done < total:
            raise Stopped("Stopped before anything was learned.")
        desk.tell("seeing", "", done, total, _count(total, "example"))
        if done == total:
            desk.tell("learning", "", 0, task["epochs"])

    def progress(told: Any) -> None:
        nonlocal epochs
        epochs = told.epoch
        desk.point(told.loss, told.epoch)
        desk.tell("learning", "", told.epoch, told.epochs, f"loss {told.loss:.3f}")

    library = recogniser.teach(
        segments,
        design=design,
        mirror=task["mirror"],
        epochs=task["epochs"],
        seed=task["seed"],
        seeing=seeing,
        progress=progress,
        stop=desk.stopping.is_set,
        checkpoint=checkpoint,
    )
    return library, epochs


def _add(library: Library, segments: Sequence[Segment], desk: Desk) -> str:
    """Add the classes that a library does not know yet."""
    from everyframe.highlights import add_classes

    new = [one for one in segments if one.label not in library.classes]
    labels = list(dict.fromkeys(one.label for one in new))
    if not labels:
        raise LabelError("The library knows all of these classes; choose one that it does not know.")
    for number, label in enumerate(labels):
        if desk.stopping.is_set():
            raise Stopped("Stopped; the library is as it was.")
        desk.tell("adding", label, number, len(labels))
        add_classes(library, [one for one in new if one.label == label])
    return f"It knows {', '.join(labels)} now, too."


def _labelled(store: Store, classes: Sequence[str]) -> list[Segment]:
    from everyframe.highlights.library import NOTHING
    from everyframe.highlights.text import folded

    wanted = {folded(one) for one in (*classes, NOTHING)}
    return [one for one in said_by_people(store) if folded(one.label) in wanted]


def _library(place: Place, name: str) -> Path:
    path = file_of(place.libraries, name)
    if path is None:
        raise SettingError(f"A library cannot be called {name!r}; use letters, digits, spaces, ., _ and -.")
    return path


def _checkpoint(place: Place, task: Mapping[str, Any], segments: Sequence[Segment]) -> Path:
    """Return where the state of this very training is kept; what was left long ago goes."""
    for left in place.libraries.glob(".*.checkpoint"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - _OLD:
                left.unlink()
    told = [dict(task), [asdict(one) | {"about": sorted(one.about.items())} for one in segments]]
    digest = hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=12).hexdigest()
    return place.libraries / f".{digest}.checkpoint"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
