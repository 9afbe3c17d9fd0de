"""Running the server until somebody ends it."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from everyframe.actions import Configuration, hearers
from everyframe.errors import SettingError
from everyframe.live import CameraSpec, LiveSettings, Notice, Supervisor
from everyframe.server import logs
from everyframe.server.app import make_app
from everyframe.server.house import baselines_of, build
from everyframe.server.keeper import clip_room_of, keeper, room_of
from everyframe.server.settings import ServerSettings
from everyframe.store import Store
from everyframe.store.recording import FOLDER

_log = logging.getLogger("everyframe.server")
_PATIENCE = 5  # seconds that open connections get when it ends


def serve(
    place: str,
    settings: ServerSettings,
    cameras: Sequence[CameraSpec],
    actions: Configuration,
    say: Callable[[str], None],
) -> None:
    """Watch all cameras and answer, until Ctrl-C or SIGTERM.

    Args:
        place: Of the store.
        settings: Of the server.
        cameras: Those of the settings file.
        actions: Who is told, and what is done by itself.
        say: Called with what a person should read first: the address, and the first password.

    Raises:
        SettingError: The address cannot be listened on, or the certificate cannot be used.
        StorageError: The store cannot be opened.
    """
    logs.begin(settings.log, settings.log_level)
    with _listening(settings.host, int(settings.port)) as listener, Store(place) as store:
        supervisor = Supervisor(place, baselines_of(store), live_settings(settings, actions, store.folder))
        house = build(store, settings, supervisor, tuple(cameras), actions)
        supervisor.listen(_noted)
        server = uvicorn.Server(_configuration(settings, make_app(house)))
        password = house.accounts.first_password()
        say(f"Everyframe: {_address(settings, listener.getsockname()[1])}")
        if password is not None:
            say(f"Sign in as admin with {password} (told this once; then you choose your own).")
        supervisor.start()
        house.reactions.start()
        house.reels.start()
        house.jobs.start()
        outbox = house.reactions.actions.outbox
        keeps = keeper(store, room_of(settings), clip_room_of(settings), outbox)
        keeps.start()
        try:
            server.run(sockets=[listener])
        finally:
            supervisor.stop()
            house.reels.close()
            house.jobs.close()
            house.reactions.close()
            keeps.close()


def live_settings(settings: ServerSettings, actions: Configuration, folder: Path) -> LiveSettings:
    """Return how cameras are kept running."""
    watch = settings.watch
    return LiveSettings(
        timeout=watch.timeout,
        stall_after=watch.stall_after,
        clip_before=watch.clip_before,
        clip_after=watch.clip_after,
        recordings=folder / FOLDER,
        hearers=hearers(actions),
    )


def _configuration(settings: ServerSettings, app: object) -> uvicorn.Config:
    if settings.tls_certificate:
        _check_pair(settings.tls_certificate, settings.tls_key)
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
    )


def _check_pair(certificate: str, key: str) -> None:
    """Refuse a certificate and a key that cannot be used.

    Raises:
        SettingError: One of them is not there, may not be read, is none, or they do not belong together.
    """
    for file in (certificate, key):
        if not Path(file).is_file():
            raise SettingError(f"There is no file {file} for https; check tls_certificate and tls_key.")

    def locked() -> str:
        # Nobody is there to be asked when a service starts.
        raise SettingError(f"The key {key} is locked by a password; give one without, readable only to you.")

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=locked)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            why = f"{key} is not the key of {certificate}; give two files that belong together."
        else:
            why = f"{certificate} and {key} are not a certificate and its key in PEM form; check both files."
        raise SettingError(f"No https: {why}") from None
    except OSError as error:
        raise SettingError(
            f"The certificate or its key cannot be read ({error.strerror}); check the rights of both files."
        ) from None


def _listening(host: str, port: int) -> socket.socket:
    """Take the port before anything else is begun.

    Raises:
        SettingError: It is taken, or the address is none of this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        raise SettingError(f"host={host} is no address; write 127.0.0.1, or 0.0.0.0 for everybody.") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingError(
            f"Cannot listen on {host}:{port}: {error.strerror}; choose another --port, or end who has it."
        ) from None
    return listener


def _address(settings: ServerSettings, port: int) -> str:
    host = settings.host
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    if ":" in shown:
        shown = f"[{shown}]"
    return f"{'https' if settings.tls_certificate else 'http'}://{shown}:{port}/"


def _noted(notice: Notice) -> None:
    fields = {"camera": notice.camera, "kind": notice.kind, "event": notice.event_id}
    level = logging.WARNING if notice.kind == "storage" else logging.INFO
    _log.log(level, "%s: %s: %s", notice.camera, notice.kind, notice.text, extra=fields)
