"""A PostgreSQL server of one's own, for tests: started in a folder, killed, started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def programs() -> Path | None:
    """Return where the programs of PostgreSQL lie, or ``None`` where it is not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    return next((place for place in _PLACES if (place / "initdb").exists()), None)


class PostgresServer:
    """A server on a port of its own; without the waiting for the disk that a test does not need."""

    def __init__(self) -> None:
        places = programs()
        assert places is not None
        self._programs = places
        self._folder = Path(tempfile.mkdtemp(prefix="everyframe-pg-"))
        self._data = self._folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        if os.getuid() == 0:  # it refuses to be root
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._do("initdb", "-D", str(self._data), "-U", "tests", "--auth=trust", "-N", "-E", "UTF8")
        self._made = 0
        self.start()

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = f"-p {self.port} -c unix_socket_directories= -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self._folder / "log")
        self._do("pg_ctl", "-w", "-s", "-D", str(self._data), "-l", log, "-o", options, "start")

    def kill(self) -> None:
        """Kill it as the power would: nothing is put in order."""
        pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        family = [pid, *_children(pid)]
        for each in family:
            os.kill(each, signal.SIGKILL)
        while any(_lives(each) for each in family):
            time.sleep(0.02)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop it and remove everything."""
        with suppress(subprocess.CalledProcessError):  # it may be dead already
            self._do("pg_ctl", "-s", "-D", str(self._data), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://tests@127.0.0.1:{self.port}/{name}"

    def fresh(self, template: str | None = None) -> str:
        """Make a database, like another one where that is told; return its name."""
        self._made += 1
        name = f"db{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            like = (
                sql.SQL("") if template is None else sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            )
            connection.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), like))
        return name

    def _do(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder)


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


def _lives(pid: int) -> bool:
    """Say whether a process still does anything; nobody may have asked yet how a dead one ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
