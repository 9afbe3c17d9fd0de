"""The settings of ``everyframe serve``: one table, one file, and no file needed.

::

    port = 8300
    budget = "1/day"

    [cameras.gate]
    source = "rtsp://viewer:${GATE_PASSWORD}@10.0.0.7/stream"
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from everyframe import settings as common
from everyframe.actions import Configuration, read_timetable, read_values
from everyframe.anomaly.budget import Budget
from everyframe.anomaly.registry import kinds_of
from everyframe.errors import ModelError, SettingError
from everyframe.live import CameraSpec
from everyframe.motion import read_masks
from everyframe.settings import Settings, Tunable

CAMERA_NAME = r"[^\W_][\w .\-]{0,63}"
"""What a camera may be called: letters, digits, spaces, dots, dashes."""

_ACTING = ("destination", "zone", "rule", "outbox")
"""The tables of notifications and rules; see ``actions.configuration``."""

_TABLED: dict[str, Callable[[Any, str], Any]] = {"masks": read_masks, "schedule": read_timetable}
"""Keys of a camera that are no single value, and what reads them."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _row(default: Any, text: str, **others: Any) -> Any:
    return field(default=default, metadata={"help": text, **others})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What can be tuned of the server, and its defaults; ``watch`` holds what cameras are watched with."""

    host: str = _row("127.0.0.1", "Address to listen on; 0.0.0.0 for everybody in the network")
    port: float = _row(8300.0, "Port to listen on; 0 for any that is free", low=0.0, high=65535.0)
    tls_certificate: str = _row("", "File with the certificate (PEM), for https")
    tls_key: str = _row("", "File with its private key (PEM)")
    session_hours: float = _row(168.0, "How long a browser stays signed in", unit="h", low=0.1, high=8760.0)
    login_tries: float = _row(5.0, "Wrong passwords per person before waiting", low=1.0, high=1000.0)
    login_wait: float = _row(
        300.0, "How long to wait after too many of them", unit="s", low=1.0, high=86400.0
    )
    learn_for: float = _row(
        600.0, "Footage that a new camera learns from before it watches", unit="s", low=10.0, high=604800.0
    )
    record: bool = _row(True, "Whether to record what live cameras send, as it comes")
    record_days: float = _row(7.0, "Recordings that are older go", unit="days", low=0.01, high=3650.0)
    record_gb: float = _row(
        50.0, "What all recordings may take; the oldest go", unit="GB", low=0.01, high=1e6
    )
    clip_days: float = _row(90.0, "Clips of events that are older go", unit="days", low=0.01, high=36500.0)
    real_clip_days: float = _row(
        0.0,
        "Likewise, of events that were judged real; 0 keeps them for ever",
        unit="days",
        low=0.0,
        high=36500.0,
    )
    clip_gb: float = _row(
        20.0, "What all clips may take; those that matter least go", unit="GB", low=0.01, high=1e6
    )
    keep_free_gb: float = _row(
        5.0, "Disk that stays free: where less is, recordings go, then clips", unit="GB", low=0.0, high=1e6
    )
    footage: str = _row("", "Folder whose footage may be indexed on the page; without one, by command only")
    log: str = _row(
        "text", "Form of the log: lines of text, or one JSON object a line", choices=("text", "json")
    )
    log_level: str = _row(
        "info", "What is worth a line in the log", choices=("debug", "info", "warning", "error")
    )
    watch: Settings = field(default_factory=Settings)


class Told(NamedTuple):
    """All that settings say.

    Attributes:
        settings: Of the server.
        cameras: Those of the file.
        actions: Destinations, zones and rules of the file.
    """

    settings: ServerSettings
    cameras: tuple[CameraSpec, ...]
    actions: Configuration


def table() -> tuple[Tunable, ...]:
    """Return every setting of the server alone, in the order of the documentation."""
    defaults = ServerSettings()
    rows = (row for row in fields(ServerSettings) if row.name != "watch")
    return tuple(Tunable(row.name, getattr(defaults, row.name), **row.metadata) for row in rows)


def camera_table() -> tuple[Tunable, ...]:
    """Return every setting of a ``[cameras.NAME]`` table; the defaults of most are the server's."""
    shared = {row.name: row for row in (*table(), *common.table())}
    source = Tunable(
        "source", "", "URL, device, file or synthetic:park; ${NAME} is taken from the environment"
    )
    names = ("budget", "detector", "motion", "ground", "learn_for", "record")
    return (source, *(shared[name] for name in names))


def read(
    path: Path | None, told: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Told:
    """Put together what was told, the file, the environment and the defaults.

    Args:
        path: A TOML file, or ``None`` for none.
        told: Values by name, which win over the file; ``None`` says that nothing was told.
        environ: Environment variables; the process's own by default.

    Returns:
        All of it.

    Raises:
        SettingError: Something is unknown, out of its range or missing; the message names everything that is.
    """
    environ = os.environ if environ is None else environ
    written = _load(path) if path is not None else {}
    tables = written.pop("cameras", {})
    acting = {name: written.pop(name) for name in _ACTING if name in written}
    values = written | {name: value for name, value in (told or {}).items() if value is not None}
    faults: list[str] = []
    own = _read(values, table(), faults, ignore={row.name for row in common.table()})
    rest = {name: value for name, value in values.items() if name in {row.name for row in common.table()}}
    watch = Settings()
    try:
        watch = common.read(_plain(rest, faults), environ)
    except SettingError as error:
        faults.append(_in_the_file(str(error)))
    settings = ServerSettings(**own, watch=watch)
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        faults.append("https needs both tls_certificate and tls_key; write the other one, too.")
    actions = read_values({})
    try:
        actions = read_values(acting, environ)
    except SettingError as error:
        faults.append(str(error))
    cameras = _cameras(tables, settings, environ, faults)
    if faults:
        raise SettingError(" ".join(faults))
    return Told(settings, cameras, actions)


def _in_the_file(message: str) -> str:
    """Name settings as the file does, not as the command line does."""
    for row in common.table():
        message = message.replace(f"{row.option}=", f"{row.name}=").replace(f"{row.option} ", f"{row.name} ")
    return message


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingError(f"There is no settings file {path}; check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"Cannot read the settings file {path}: {error}; choose another one.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"The settings file {path} is no TOML: {error}; mend that line.") from None


def _plain(values: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    """Leave out what is no single value, and say so."""
    kept = {}
    for name, value in values.items():
        if isinstance(value, str | int | float | bool):
            kept[name] = value
        else:
            faults.append(f"{name} is not a single value; write it as in {name} = {_example(name)}.")
    return kept


def _example(name: str) -> str:
    for row in (*table(), *camera_table(), *common.table()):
        if row.name == name:
            return f'"{row.shown}"' if isinstance(row.default, str) else row.shown
    return '"…"'


def _read(
    values: Mapping[str, Any],
    rows: tuple[Tunable, ...],
    faults: list[str],
    *,
    ignore: set[str],
    place: str = "",
) -> dict[str, Any]:
    known = {row.name: row for row in rows}
    told = {name: value for name, value in values.items() if name not in ignore}
    for name in told:
        if name not in known:
            near = get_close_matches(name, [*known, *ignore], n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            faults.append(f"There is no setting {place}{name}; {hint}")
    found = {}
    for name, value in _plain({name: value for name, value in told.items() if name in known}, faults).items():
        try:
            found[name] = known[name].read(value, f"{place}{name}")
        except SettingError as error:
            faults.append(str(error))
    return found


def _cameras(
    tables: object,
    settings: ServerSettings,
    environ: Mapping[str, str],
    faults: list[str],
) -> tuple[CameraSpec, ...]:
    if not isinstance(tables, dict):
        faults.append("cameras is not a table; write one [cameras.NAME] a camera.")
        return ()
    found = [_camera(name, entry, settings, environ, faults) for name, entry in tables.items()]
    return tuple(camera for camera in found if camera is not None)


def _camera(
    name: str, entry: object, settings: ServerSettings, environ: Mapping[str, str], faults: list[str]
) -> CameraSpec | None:
    place = f"cameras.{name}."
    if not isinstance(entry, dict):
        faults.append(f"cameras.{name} is not a table; write [cameras.{name}] and below it source = …")
        return None
    if not re.fullmatch(CAMERA_NAME, name):
        faults.append(f"A camera cannot be called {name!r}; use letters, digits, spaces, dots and dashes.")
        return None
    before = len(faults)
    told = _read(entry, camera_table(), faults, ignore=set(_TABLED), place=place)
    for key, reads in _TABLED.items():
        if key in entry:
            try:
                told[key] = reads(entry[key], f"{place}{key}")
            except SettingError as error:
                faults.append(str(error))
    source = _filled(str(told.pop("source", "")), f"{place}source", environ, faults)
    defaults = {name: getattr(settings.watch, name) for name in ("budget", "detector", "motion", "ground")}
    values = {**defaults, "learn_for": settings.learn_for, "record": settings.record, **told}
    if not source and len(faults) == before:
        faults.append(f'{place}source is missing; write source = "rtsp://…"')
    for check, setting in ((Budget.parse, "budget"), (kinds_of, "detector"), (_network, "ground")):
        try:
            check(str(values[setting]))
        except (SettingError, ModelError) as error:
            faults.append(f"{place}{setting}: {error}")
    return CameraSpec(name, source, **values) if len(faults) == before else None


def _network(model: str) -> None:
    """Make sure that there is such a network, before a camera learns for minutes."""
    if model:
        from everyframe.vision.dense.segmenter import Segmenter  # loads much, and most cameras have none

        Segmenter(model)


def _filled(text: str, called: str, environ: Mapping[str, str], faults: list[str]) -> str:
    """Put variables of the environment in; so a settings file needs to hold no password."""
    missing = [name for name in _VARIABLE.findall(text) if name not in environ]
    faults += [f"{called} wants ${{{name}}}, but the environment has no {name}; set it." for name in missing]
    return _VARIABLE.sub(lambda found: environ.get(found[1], ""), text)
