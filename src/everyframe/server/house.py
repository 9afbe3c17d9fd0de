"""All that the page and the API share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from everyframe.actions import Configuration, read_values
from everyframe.live import CameraSpec
from everyframe.server.accounts import Accounts
from everyframe.server.bell import Bell
from everyframe.server.cameras import Cameras, Watching
from everyframe.server.jobs import Jobs
from everyframe.server.limiter import Limiter
from everyframe.server.reactions import Reactions
from everyframe.server.reels import Reels
from everyframe.server.settings import ServerSettings
from everyframe.server.vault import open_vault
from everyframe.server.works import Place, kinds, libraries_in
from everyframe.server.zones import Zones
from everyframe.store import Store
from everyframe.store.archive.labels import Labels

KEY = "everyframe.house"
"""Where a request's scope holds it."""


@dataclass(frozen=True, slots=True, eq=False)
class House:
    """What answers need.

    Attributes:
        store: Where events are kept.
        settings: Of the server.
        accounts: Who may come in.
        cameras: What is watched.
        zones: Where in the pictures something is measured.
        watching: Who watches it.
        reactions: What follows from what is seen.
        reels: What was cut from the archive, and what is being cut.
        jobs: What takes long: footage that is indexed, libraries that are taught, and what they spot.
        labels: What people say happens in footage.
        bell: Rings on open pages.
        by_person: Slows down guesses at one person's password.
        by_address: Slows down guesses from one address.
        started_utc: POSIX seconds.
    """

    store: Store
    settings: ServerSettings
    accounts: Accounts
    cameras: Cameras
    zones: Zones
    watching: Watching
    reactions: Reactions
    reels: Reels
    jobs: Jobs
    labels: Labels
    bell: Bell
    by_person: Limiter
    by_address: Limiter
    started_utc: float = field(default_factory=time.time)

    @property
    def folder(self) -> Path:
        """Where clips, pictures and the key lie."""
        return self.store.folder

    @property
    def baselines(self) -> Path:
        """Where what was learned lies."""
        return baselines_of(self.store)

    @property
    def libraries(self) -> Path:
        """Where libraries of events lie."""
        return libraries_in(self.store.folder)


def baselines_of(store: Store) -> Path:
    """Return where what was learned of a store's cameras lies."""
    return store.folder / "baselines"


def build(
    store: Store,
    settings: ServerSettings,
    watching: Watching,
    fixed: tuple[CameraSpec, ...] = (),
    actions: Configuration | None = None,
) -> House:
    """Put a house together.

    Nothing is watched before ``house.cameras.start()``, nothing done before ``house.reactions.start()``, and
    nothing cut before ``house.reels.start()``, and nothing indexed or taught before ``house.jobs.start()``.

    Raises:
        SettingError: The key of the cameras' addresses is none, or something in the actions is wrong.
        StorageError: It cannot be read or written.
    """
    actions = actions or read_values({})
    zones = Zones(store, actions.zones)
    cameras = Cameras(
        store,
        open_vault(store.folder),
        watching,
        fixed,
        zones,
        timeout=settings.watch.timeout,
        record=settings.record,
        ground=settings.watch.ground,
    )
    return House(
        store=store,
        settings=settings,
        accounts=Accounts(store, settings.session_hours * 3600.0),
        cameras=cameras,
        zones=zones,
        watching=watching,
        reactions=Reactions(store, actions, watching, zones),
        reels=Reels(store.folder / "reels"),
        jobs=Jobs(store.folder / "jobs", kinds(Place(store.place, store.folder, settings.footage))),
        labels=Labels(store),
        bell=Bell(watching),
        by_person=Limiter(int(settings.login_tries), settings.login_wait),
        # Several people may sit behind one address.
        by_address=Limiter(4 * int(settings.login_tries), settings.login_wait),
    )
