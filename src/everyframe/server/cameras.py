"""The cameras that the server keeps watching: those of the settings file, and those added on the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import delete, select

from everyframe.actions import Timetable, read_timetable
from everyframe.anomaly.budget import Budget
from everyframe.anomaly.registry import kinds_of
from everyframe.errors import SettingError
from everyframe.live import CameraSpec, CameraStatus, Notice
from everyframe.live.worker import baseline_path
from everyframe.motion import Polygon, read_masks
from everyframe.server.vault import Vault
from everyframe.server.zones import Zones
from everyframe.sources import Probe, probe
from everyframe.sources.names import masked
from everyframe.store import Store
from everyframe.store.serving import KeptCameraRow
from everyframe.types import RGB


class Watching(Protocol):
    """Whoever watches the cameras; ``everyframe.live.Supervisor`` does."""

    def add(self, spec: CameraSpec) -> None:
        """Begin to watch a camera."""
        ...

    def remove(self, name: str) -> None:
        """Watch it no more."""
        ...

    def restart(self, name: str, *, anew: bool = False) -> None:
        """Begin again, and learn anew where that is asked for."""
        ...

    def change(self, spec: CameraSpec) -> None:
        """Watch a camera in another way from now on."""
        ...

    def statuses(self) -> dict[str, CameraStatus]:
        """Say how each camera is."""
        ...

    def preview(self, name: str) -> bytes | None:
        """Return the latest picture, a JPEG file."""
        ...

    def listen(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Have somebody told what happens; return what ends that."""
        ...


@dataclass(frozen=True, slots=True)
class KeptCamera:
    """A camera as people see it.

    Attributes:
        spec: How it is watched; its source without credentials.
        fixed: Whether it stands in the settings file, where alone it can be changed.
        status: How it is.
    """

    spec: CameraSpec
    fixed: bool
    status: CameraStatus


class Cameras:
    """What is watched. Safe to use from several threads.

    Args:
        store: Where those are kept that were added on the page.
        vault: What encrypts their addresses.
        watching: Whoever watches.
        fixed: The cameras of the settings file.
        zones: Where in the pictures something is measured.
        timeout: Seconds to wait for a source to answer.
        record: Whether cameras that were added on the page are recorded.
        ground: Network that tells what things move on there, empty for none.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        watching: Watching,
        fixed: Sequence[CameraSpec],
        zones: Zones,
        *,
        timeout: float = 10.0,
        record: bool = True,
        ground: str = "",
    ) -> None:
        self._shared: dict[str, Any] = {"record": record, "ground": ground}
        self._zones = zones
        self._store, self._vault, self._watching = store, vault, watching
        self._fixed = {spec.name: spec for spec in fixed}
        self._timeout = timeout
        self._lock = threading.Lock()
        self._changing = threading.Lock()  # held while a worker is told of a change, which may take seconds
        self._specs: dict[str, CameraSpec] = {}
        zones.heed(self._rezoned)

    def start(self) -> None:
        """Begin to watch all of them.

        Raises:
            StorageError: Their addresses cannot be decrypted.
        """
        with self._store.reading() as session:
            rows = session.scalars(select(KeptCameraRow).order_by(KeptCameraRow.id)).all()
        kept = {row.name: replace(_spec(row, self._vault), **self._shared) for row in rows}
        with self._lock:
            self._specs = {name: self._zoned(spec) for name, spec in (kept | self._fixed).items()}
            for spec in self._specs.values():
                self._watching.add(spec)

    def all(self) -> list[KeptCamera]:
        """Return every camera, by name."""
        statuses = self._watching.statuses()
        with self._lock:
            specs = sorted(self._specs.values(), key=lambda spec: spec.name.lower())
        return [
            KeptCamera(
                replace(spec, source=masked(spec.source)),
                spec.name in self._fixed,
                statuses.get(spec.name, CameraStatus(spec.name)),
            )
            for spec in specs
        ]

    def one(self, name: str) -> KeptCamera | None:
        """Return the camera of a name, or ``None``."""
        return next((camera for camera in self.all() if camera.spec.name == name), None)

    def probe(self, source: str) -> Probe:
        """Look at a source for two seconds.

        Raises:
            SourceError: It cannot be read; the message says why and what to do.
        """
        return probe(source, timeout=self._timeout)

    def look(self, name: str, seconds: float) -> RGB:
        """Return what a camera sees without what passes by, ``(H, W, 3)``; see ``vision.dense.scene``.

        Args:
            name: Of the camera.
            seconds: How long it is looked at, where it is live.

        Raises:
            SettingError: There is none of that name.
            SourceError: It cannot be read; the message says why and what to do.
        """
        from everyframe.vision.dense.scene import scene_picture  # loads much

        with self._lock:
            self._known(name)
            source = self._specs[name].source
        return scene_picture(source, seconds=seconds, timeout=self._timeout)

    def add(self, spec: CameraSpec) -> KeptCamera:
        """Look at a camera, keep it, and begin to watch it.

        Raises:
            SettingError: Its name is taken, or its budget or detector is none.
            SourceError: It cannot be read.
        """
        self._check(spec)
        self.probe(spec.source)
        row = KeptCameraRow(
            name=spec.name,
            source=self._vault.lock(spec.source),
            budget=spec.budget,
            detector=spec.detector,
            motion=spec.motion,
            learn_for=spec.learn_for,
            added_utc=time.time(),
            masks=_plain_masks(spec.masks),
            schedule=spec.schedule.model_dump(mode="json", exclude_defaults=True),
        )
        with self._lock:
            self._refuse_taken(spec.name)  # somebody may have been quicker while this one was looked at
            with self._store.writing() as session:
                session.add(row)
            self._specs[spec.name] = self._zoned(replace(spec, **self._shared))
            self._watching.add(self._specs[spec.name])
        kept = self.one(spec.name)
        assert kept is not None
        return kept

    def remove(self, name: str) -> None:
        """Watch a camera no more; what it found stays.

        Raises:
            SettingError: There is none of that name, or it stands in the settings file.
        """
        with self._lock:
            self._known(name)
            if name in self._fixed:
                raise SettingError(f"The camera {name} stands in the settings file; remove it there.")
            with self._store.writing() as session:
                session.execute(delete(KeptCameraRow).where(KeptCameraRow.name == name))
            del self._specs[name]
        self._watching.remove(name)  # may take seconds: nobody else shall wait for it
        self._zones.forget(name)

    def change(
        self,
        name: str,
        *,
        budget: str | None = None,
        masks: tuple[Polygon, ...] | None = None,
        schedule: Timetable | None = None,
    ) -> KeptCamera:
        """Watch a camera in another way from now on; what is normal there stays known.

        Args:
            name: Of the camera.
            budget: Alerts that are welcome; as it is where ``None``.
            masks: Where in its picture nothing is watched; likewise.
            schedule: When it is watched; likewise.

        Raises:
            SettingError: There is none of that name, it stands in the settings file, or the budget is none.
        """
        if budget is not None:
            Budget.parse(budget)
        with self._changing:
            with self._lock:
                self._known(name)
                if name in self._fixed:
                    raise SettingError(f"The camera {name} stands in the settings file; change it there.")
                before = self._specs[name]
                spec = replace(
                    before,
                    budget=before.budget if budget is None else budget,
                    masks=before.masks if masks is None else masks,
                    schedule=before.schedule if schedule is None else schedule,
                )
                if spec != before:
                    self._keep(spec)
                    self._specs[name] = spec
            if spec != before:
                self._watching.change(spec)
        kept = self.one(name)
        if kept is None:
            raise SettingError("There is no camera of that name any more; look at the list of cameras.")
        return kept

    def restart(self, name: str, *, anew: bool = False) -> None:
        """Connect to a camera again.

        Args:
            name: Of the camera.
            anew: Whether to forget what is normal, and learn it anew.

        Raises:
            SettingError: There is none of that name.
        """
        with self._lock:
            self._known(name)
        self._watching.restart(name, anew=anew)

    def preview(self, name: str) -> bytes | None:
        """Return a camera's latest picture, a JPEG file, or ``None`` while there is none.

        Raises:
            SettingError: There is none of that name.
        """
        with self._lock:
            self._known(name)
        return self._watching.preview(name)

    def _zoned(self, spec: CameraSpec) -> CameraSpec:
        return replace(spec, zones=self._zones.of(spec.name))

    def _rezoned(self, name: str) -> None:
        with self._changing:
            with self._lock:
                if name not in self._specs:
                    return
                spec = self._specs[name] = self._zoned(self._specs[name])
            self._watching.change(spec)

    def _keep(self, spec: CameraSpec) -> None:
        with self._store.writing() as session:
            row = session.scalar(select(KeptCameraRow).where(KeptCameraRow.name == spec.name))
            assert row is not None
            row.budget, row.masks = spec.budget, _plain_masks(spec.masks)
            row.schedule = spec.schedule.model_dump(mode="json", exclude_defaults=True)

    def _check(self, spec: CameraSpec) -> None:
        Budget.parse(spec.budget)
        kinds_of(spec.detector)
        with self._lock:
            self._refuse_taken(spec.name)

    def _refuse_taken(self, name: str) -> None:
        # As files: two names that differ in a dot would share one baseline.
        wanted = baseline_path(Path(), name).name.lower()
        taken = next(
            (known for known in self._specs if baseline_path(Path(), known).name.lower() == wanted), None
        )
        if taken is not None:
            raise SettingError(f"There is a camera called {taken} already; choose another name.")

    def _known(self, name: str) -> None:
        if name not in self._specs:
            raise SettingError("There is no camera of that name; look at the list of cameras.")


def _spec(row: KeptCameraRow, vault: Vault) -> CameraSpec:
    return CameraSpec(
        row.name,
        vault.open(row.source),
        row.budget,
        row.detector,
        row.motion,
        row.learn_for,
        masks=read_masks(row.masks or []),
        schedule=read_timetable(row.schedule or {}),
    )


def _plain_masks(masks: tuple[Polygon, ...]) -> list[list[list[float]]]:
    return [[list(corner) for corner in polygon] for polygon in masks]
