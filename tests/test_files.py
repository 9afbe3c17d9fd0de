"""Files are written whole or not at all."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import StorageError
from everyframe.files import atomic_write, storage_error, writing


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@given(pieces=st.lists(st.binary(max_size=64), max_size=8))
def test_pieces_and_bytes_write_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("same")
    atomic_write(folder / "a", pieces)
    atomic_write(folder / "b", b"".join(pieces))
    assert (folder / "a").read_bytes() == (folder / "b").read_bytes() == b"".join(pieces)
    assert names(folder) == ["a", "b"]


def test_what_fails_midway_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "kept.bin"
    target.write_bytes(b"old")

    def pieces() -> object:
        yield b"new"
        raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        atomic_write(target, pieces())  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["kept.bin"]


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with writing(tmp_path / "clip.mp4") as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(tmp_path) == []


def test_the_temporary_file_is_beside_with_the_same_suffix_and_hidden(tmp_path: Path) -> None:
    with writing(tmp_path / "clip.mp4") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".mp4"
        assert temporary.name.startswith(".")
        assert not (tmp_path / "clip.mp4").exists()
        temporary.write_bytes(b"whole")
    assert (tmp_path / "clip.mp4").read_bytes() == b"whole"


def test_a_new_file_has_the_permissions_that_the_umask_grants(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        atomic_write(tmp_path / "page.html", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o644


def test_a_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    atomic_write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("missing/file", "folder does not exist; create it"),
        ("file/below", "is a file, not a folder"),
        ("folder", "there is a folder of that name"),
        ("x" * 300, "choose a shorter one"),
        ("pipe", "not an ordinary file"),
    ],
)
def test_bad_places_are_refused_in_one_line(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match=advice) as caught:
        atomic_write(tmp_path / name, b"data")
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == ["file", "folder", "pipe"]


def test_a_device_is_never_replaced() -> None:
    with pytest.raises(StorageError, match="not an ordinary file"):
        atomic_write("/dev/null", b"data")
    assert not Path("/dev/null").is_file()


def test_an_unknown_system_error_is_still_a_sentence() -> None:
    error = storage_error(OSError(9999, "Strange thing"), "a.bin")
    assert str(error) == "Cannot write a.bin: Strange thing; choose another place."


_LIMITED = """
import resource, sys
from everyframe.errors import StorageError
from everyframe.files import atomic_write
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    atomic_write(sys.argv[1], (b"x" * 4096 for _ in range(1000)))
except StorageError as error:
    print(error)
"""


def test_a_file_that_may_not_grow_leaves_nothing_behind(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100_000
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path / "big")], capture_output=True, text=True, check=True
    )
    assert "larger than the system allows" in done.stdout
    assert done.stdout.count("\n") == 1
    assert names(tmp_path) == []
