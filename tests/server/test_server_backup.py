from __future__ import annotations

import sqlite3
import stat
import tarfile
import threading
from pathlib import Path

import pytest
from tests.server.conftest import event

from everyframe.errors import StorageError
from everyframe.server.backup import back_up, restore
from everyframe.server.house import House, baselines_of
from everyframe.server.vault import KEY_NAME
from everyframe.server.works import libraries_in
from everyframe.store import Store
from everyframe.types import StreamInfo


def test_what_was_backed_up_is_there_again(
    store: Store, house: House, found: list[int], tmp_path: Path
) -> None:
    baselines_of(store).mkdir()
    (baselines_of(store) / "gate.baseline").write_bytes(b"normal")
    (baselines_of(store) / "gate.health").write_bytes(b"usual")
    house.libraries.mkdir()
    (house.libraries / "strokes.library").write_bytes(b"taught")
    store.give_verdict(found[0], "real", "ada", "cyclist")
    told = back_up(store, tmp_path / "kept.tar")
    assert (told.files, told.left_out) == (2 + 2 + 1 + 9, 0)
    assert stat.S_IMODE((tmp_path / "kept.tar").stat().st_mode) == 0o600
    again = restore(tmp_path / "kept.tar", tmp_path / "again")
    assert (again.files, again.size) == (told.files, told.size)
    with Store(tmp_path / "again", create=False) as copy:
        assert [entry.event for entry in copy.events()] == [entry.event for entry in store.events()]
        for before, after in zip(store.events(), copy.events(), strict=True):
            assert before.clip is not None
            assert after.clip is not None
            assert after.clip.is_relative_to(copy.folder)
            assert after.clip.read_bytes() == before.clip.read_bytes()
        assert [verdict.name for verdict in copy.verdicts()] == ["cyclist"]
        assert (baselines_of(copy) / "gate.baseline").read_bytes() == b"normal"
        assert (baselines_of(copy) / "gate.health").read_bytes() == b"usual"
        assert (libraries_in(copy.folder) / "strokes.library").read_bytes() == b"taught"
        assert (copy.folder / KEY_NAME).read_bytes() == (store.folder / KEY_NAME).read_bytes()
        assert stat.S_IMODE((copy.folder / KEY_NAME).stat().st_mode) == 0o600


def test_a_backup_is_consistent_while_events_are_written(store: Store, tmp_path: Path) -> None:
    stop = threading.Event()
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:

        def write() -> None:
            number = 0
            while not stop.is_set():
                entry = run.add_event(event(float(number)))
                picture = store.folder / f"{entry:04d}.jpg"
                picture.write_bytes(b"picture")
                run.attach(entry, thumbnail=picture)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for turn in range(3):
                assert back_up(store, tmp_path / f"{turn}.tar").left_out == 0
        finally:
            stop.set()
            writer.join()
    counts = []
    for turn in range(3):
        restore(tmp_path / f"{turn}.tar", tmp_path / f"again{turn}")
        with Store(tmp_path / f"again{turn}") as copy:
            entries = copy.events()
            assert all(entry.thumbnail is None or entry.thumbnail.is_file() for entry in entries)
            counts.append(len(entries))
    assert counts == sorted(counts)
    assert counts[-1] > 0


def test_what_lies_elsewhere_or_is_gone_is_counted(store: Store, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.mp4").write_bytes(b"x")
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
        run.attach(
            run.add_event(event()), clip=tmp_path / "elsewhere.mp4", thumbnail=store.folder / "gone.jpg"
        )
    assert back_up(store, tmp_path / "kept.tar").left_out == 2


def test_a_store_that_is_there_is_never_overwritten(store: Store, tmp_path: Path) -> None:
    back_up(store, tmp_path / "kept.tar")
    with pytest.raises(StorageError, match="move it away"):
        restore(tmp_path / "kept.tar", store.folder)


@pytest.mark.parametrize("damage", ["cut", "flipped", "noise", "empty", "missing"])
def test_a_damaged_backup_restores_nothing(
    store: Store, found: list[int], tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "kept.tar"
    back_up(store, file)
    whole = bytearray(file.read_bytes())
    with tarfile.open(file) as archive:
        middle = archive.getmember("everyframe.db").offset_data + 5000
    whole[middle] ^= 255
    data = bytes(whole)
    content = {"cut": data[: len(data) // 2], "flipped": data, "noise": b"noise" * 999, "empty": b""}
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content[damage])
    with pytest.raises(StorageError, match=r"damaged|no file"):
        restore(file, tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir() if path != file) == ["data"]


def test_a_backup_from_a_stranger_writes_nowhere_else(tmp_path: Path) -> None:
    import hashlib
    import io
    import json

    database = sqlite3.connect(tmp_path / "x.db")
    database.execute("CREATE TABLE x (y)")
    database.commit()
    database.close()
    members = {"everyframe.db": (tmp_path / "x.db").read_bytes(), "../out.txt": b"out"}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    members["manifest.json"] = json.dumps({"format": 1, "sha256": sums}).encode()
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    with pytest.raises(StorageError, match="damaged"):
        restore(tmp_path / "evil.tar", tmp_path / "sub" / "again")
    assert not list(tmp_path.rglob("out.txt"))
