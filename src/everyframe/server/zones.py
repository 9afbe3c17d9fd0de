"""Zones: those of the settings file, and those drawn on the page, which are kept beside them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, select

from everyframe.actions import Zone, read_zone_table
from everyframe.errors import SettingError
from everyframe.store import Store
from everyframe.store.serving import KeptZoneRow

_log = logging.getLogger(__name__)

MOST = 32
"""Zones that may be drawn for one camera."""


class Zones:
    """Where in the pictures something is measured. Safe to use from several threads.

    Args:
        store: Where those are kept that were drawn.
        fixed: Those of the settings file, by camera; there alone they can be changed.
    """

    def __init__(self, store: Store, fixed: Mapping[str, tuple[Zone, ...]] | None = None) -> None:
        self._store = store
        self._fixed = dict(fixed or {})
        self._lock = threading.Lock()
        self._heeding: list[Callable[[str], None]] = []
        self._uses: list[Callable[[str, str], list[str]]] = []
        self._kept: dict[str, dict[str, Zone]] = {}
        self._read()

    def heed(self, changed: Callable[[str], None]) -> None:
        """Have somebody called with the name of each camera whose zones have changed."""
        self._heeding.append(changed)

    def ask(self, uses: Callable[[str, str], list[str]]) -> None:
        """Have somebody asked, before a zone of a camera goes, which rules speak of it."""
        self._uses.append(uses)

    def all(self) -> dict[str, tuple[Zone, ...]]:
        """Return every zone, by camera."""
        with self._lock:
            cameras = dict.fromkeys([*self._fixed, *self._kept])
            return {camera: self._of(camera) for camera in cameras}

    def of(self, camera: str) -> tuple[Zone, ...]:
        """Return the zones of a camera, those of the settings file first."""
        with self._lock:
            return self._of(camera)

    def is_fixed(self, camera: str, name: str) -> bool:
        """Say whether a zone stands in the settings file."""
        return any(zone.name == name for zone in self._fixed.get(camera, ()))

    def put(self, camera: str, name: str, told: Mapping[str, Any], by: str) -> Zone:
        """Make or change a zone; it is measured from now on.

        Args:
            camera: In whose picture it lies.
            name: Of the zone.
            told: Its table without its name.
            by: Who drew it.

        Raises:
            SettingError: It is no zone, stands in the settings file, or there are too many.
        """
        zone = read_zone_table({**told, "name": name})
        table = zone.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
        with self._lock:
            self._refuse_fixed(camera, name)
            kept = self._kept.setdefault(camera, {})
            if name not in kept and len(kept) >= MOST:
                raise SettingError(f"{camera} has {MOST} zones already; remove one first.")
            with self._store.writing() as session:
                row = session.scalar(
                    select(KeptZoneRow).where(KeptZoneRow.camera == camera, KeptZoneRow.name == name)
                )
                if row is None:
                    row = KeptZoneRow(camera=camera, name=name)
                    session.add(row)
                row.told, row.by, row.changed_utc = table, by, time.time()
            kept[name] = zone
        self._tell(camera)
        return zone

    def remove(self, camera: str, name: str) -> None:
        """Forget a zone.

        Raises:
            SettingError: There is none of that name, it stands in the settings file, or a rule speaks of it.
        """
        for uses in self._uses:
            rules = uses(camera, name)
            if rules:
                raise SettingError(
                    f"The rule {rules[0]} speaks of the zone {name}; change or remove the rule first."
                )
        with self._lock:
            self._refuse_fixed(camera, name)
            if name not in self._kept.get(camera, {}):
                raise SettingError("No zone of that name was drawn here; look at the list of zones.")
            with self._store.writing() as session:
                session.execute(
                    delete(KeptZoneRow).where(KeptZoneRow.camera == camera, KeptZoneRow.name == name)
                )
            del self._kept[camera][name]
        self._tell(camera)

    def forget(self, camera: str) -> None:
        """Forget all zones that were drawn for a camera: it is watched no more."""
        with self._lock:
            if self._kept.pop(camera, None) is None:
                return
            with self._store.writing() as session:
                session.execute(delete(KeptZoneRow).where(KeptZoneRow.camera == camera))
        self._tell(camera)

    def _of(self, camera: str) -> tuple[Zone, ...]:
        fixed = self._fixed.get(camera, ())
        taken = {zone.name for zone in fixed}
        drawn = (zone for name, zone in self._kept.get(camera, {}).items() if name not in taken)
        return (*fixed, *drawn)

    def _read(self) -> None:
        with self._store.reading() as session:
            rows = session.scalars(select(KeptZoneRow).order_by(KeptZoneRow.id)).all()
        for row in rows:
            try:
                zone = read_zone_table({**row.told, "name": row.name})
            except SettingError as error:
                _log.warning("A zone that was drawn is not used: %s", error)
                continue
            self._kept.setdefault(row.camera, {})[row.name] = zone

    def _refuse_fixed(self, camera: str, name: str) -> None:
        if self.is_fixed(camera, name):
            raise SettingError(f"The zone {name} stands in the settings file; change it there.")

    def _tell(self, camera: str) -> None:
        for changed in self._heeding:
            changed(camera)
