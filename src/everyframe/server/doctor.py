"""What this machine lacks, and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.request import urlopen

import av
import platformdirs
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from sqlalchemy import URL, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

import everyframe
from everyframe._version import __version__
from everyframe.server.machine import FULL, libraries
from everyframe.store import migrations
from everyframe.store.clips import encoder
from everyframe.store.database import database_url, place_name
from everyframe.store.models import EventRow
from everyframe.store.store import DATABASE_NAME

PYTHON = (3, 11)
DECODERS = ("h264", "hevc", "mjpeg")
_LITTLE = 5_000_000_000  # bytes of disk from which on there is time to act
_SKEW = 60.0  # seconds that an event may lie ahead of the clock


class Word(StrEnum):
    """How a check came out."""

    GOOD = "good"
    CARE = "care"  # it works, for now
    BAD = "bad"  # it does not work


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        word: How it came out.
        text: What was found, and what to do where it is not good.
    """

    name: str
    word: Word
    text: str


def examine(place: str, host: str, port: int) -> Iterator[Check]:
    """Look at everything that ``everyframe serve`` needs; changes nothing.

    Args:
        place: Of the store: a folder, file or URL.
        host: The address that it would listen on.
        port: The port.
    """
    folder = _folder(place)
    checks: tuple[Callable[[], Check], ...] = (
        python,
        versions,
        codecs,
        lambda: writable(folder),
        lambda: disk(folder),
        lambda: database(place),
        lambda: listening(host, port),
        lambda: clock(place),
    )
    for check in checks:
        yield check()


def python() -> Check:
    """Look at Python."""
    found = platform.python_version()
    if sys.version_info < PYTHON:
        return Check("Python", Word.BAD, f"{found}; install 3.11 or later")
    return Check("Python", Word.GOOD, found)


def versions() -> Check:
    """Look at the libraries."""
    listed = ", ".join(f"{name} {version}" for name, version in libraries().items())
    return Check("Everyframe", Word.GOOD, f"{__version__}; {listed}")


def codecs() -> Check:
    """Look at what FFmpeg can read and write."""
    missing = [name for name in DECODERS if not _reads(name)]
    try:
        writes = encoder()
    except RuntimeError:
        missing.append("an encoder of MPEG-4")
    release = ".".join(str(part) for part in av.library_versions["libavcodec"])
    if missing:
        return Check(
            "FFmpeg", Word.BAD, f"libavcodec {release} lacks {', '.join(missing)}; install PyAV's wheel"
        )
    return Check("FFmpeg", Word.GOOD, f"libavcodec {release}; reads {', '.join(DECODERS)}, writes {writes}")


def writable(folder: Path) -> Check:
    """Look at whether the data folder can be written to."""
    there = _nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x")
    except OSError as error:
        return Check("data folder", Word.BAD, f"{folder}: {error.strerror}; choose another --store")
    made = "" if folder.is_dir() else " (made on the first start)"
    return Check("data folder", Word.GOOD, f"{folder}{made}")


def disk(folder: Path) -> Check:
    """Look at how much the disk still takes."""
    free = shutil.disk_usage(_nearest(folder)).free
    text = f"{free / 1e9:.1f} GB free"
    if free < FULL:
        return Check("disk", Word.BAD, f"{text}; free some space, or no clip can be kept")
    if free < _LITTLE:
        return Check("disk", Word.CARE, f"{text}; soon free some space")
    return Check("disk", Word.GOOD, text)


def database(place: str) -> Check:
    """Look at whether the database answers, and at which step of migration it is."""
    url = _url(place)
    name, head = place_name(url), migrations.head()
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return Check("database", Word.GOOD, f"{name}: none yet, made on the first start")
    try:
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                step = migrations.current(connection)
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        why = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        return Check("database", Word.BAD, f"{name}: {why}; check its address, or restore a backup")
    if step == head:
        return Check("database", Word.GOOD, f"{name}, migration {step}")
    if step is None or step < head:
        return Check("database", Word.CARE, f"{name}, migration {step}; the next start brings it to {head}")
    return Check("database", Word.BAD, f"{name}, migration {step}, is of a later version; update Everyframe")


def listening(host: str, port: int) -> Check:
    """Look at whether the port is free."""
    where = f"{host}:{port}"
    try:
        with socket.create_server((host, port)):
            return Check("port", Word.GOOD, f"{where} is free")
    except OSError as error:
        if _is_ours(host, port):
            return Check("port", Word.CARE, f"{where}: Everyframe is running there already")
        why = error.strerror or "it cannot be listened on"
        return Check("port", Word.BAD, f"{where}: {why}; choose another --port, or end who has it")


def clock(place: str) -> Check:
    """Look at whether the clock can be right: never before this version was installed, or before an event."""
    now = time.time()
    shown = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    installed = Path(everyframe.__file__).stat().st_mtime
    latest = _latest_event(place)
    if now < installed or (latest is not None and latest > now + _SKEW):
        return Check("clock", Word.BAD, f"{shown} lies before what has happened; set it, best by NTP")
    return Check("clock", Word.GOOD, shown)


def _latest_event(place: str) -> float | None:
    url = _url(place)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execute(select(func.max(EventRow.noticed_utc))).scalar()
            return None if found is None else float(found)
    except SQLAlchemyError:
        return None  # the check of the database says so
    finally:
        engine.dispose()


def _reads(name: str) -> bool:
    try:
        Codec(name, "r")
    except UnknownCodecError:
        return False
    return True


def _is_ours(host: str, port: int) -> bool:
    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    try:
        with urlopen(f"http://{shown}:{port}/healthz", timeout=2.0) as answer:
            return b'"ready"' in answer.read(200)
    except (OSError, ValueError):
        return False


def _url(place: str) -> URL:
    if "://" in place:
        return database_url(place)
    path = Path(place).expanduser()
    file = path if path.suffix.lower() in (".db", ".sqlite", ".sqlite3") else path / DATABASE_NAME
    return database_url("sqlite://").set(database=str(file))


def _folder(place: str) -> Path:
    url = _url(place)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent
    return platformdirs.user_data_path("everyframe")


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(
        path for path in (folder, *folder.absolute().parents) if path.is_dir() and os.access(path, os.X_OK)
    )
