from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError, StorageError
from everyframe.server.limiter import Limiter
from everyframe.server.vault import KEY_NAME, Vault, open_vault

SOURCE = "rtsp://admin:hunter2@10.0.0.7/stream"


def test_what_was_locked_can_be_opened_by_the_next_process_only_with_the_key(tmp_path: Path) -> None:
    locked = open_vault(tmp_path, {}).lock(SOURCE)
    assert "hunter2" not in locked
    assert open_vault(tmp_path, {}).open(locked) == SOURCE
    (tmp_path / KEY_NAME).unlink()
    with pytest.raises(StorageError, match="bring back the file everyframe"):
        open_vault(tmp_path, {}).open(locked)


def test_the_key_is_for_the_owners_eyes_only(tmp_path: Path) -> None:
    open_vault(tmp_path, {})
    assert stat.S_IMODE((tmp_path / KEY_NAME).stat().st_mode) == 0o600


def test_a_key_from_the_environment_leaves_no_file(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    locked = open_vault(tmp_path, {"EVERYFRAME_KEY": key}).lock(SOURCE)
    assert not (tmp_path / KEY_NAME).exists()
    assert Vault(key).open(locked) == SOURCE


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="EVERYFRAME_KEY"):
        open_vault(tmp_path, {"EVERYFRAME_KEY": "secret"})


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 20)), max_size=40))
def test_never_more_failures_than_allowed_within_the_time(steps: list[tuple[bool, float]]) -> None:
    now = [0.0]
    limiter = Limiter(3, 60.0, lambda: now[0])
    failures: list[float] = []
    for tried, after in steps:
        now[0] += after
        if tried and limiter.wait("ada") == 0:
            limiter.failed("ada")
            failures.append(now[0])
        assert len([at for at in failures if at > now[0] - 60.0]) <= 3
    assert limiter.wait("bob") == 0


def test_whoever_waited_or_succeeded_may_try_again() -> None:
    now = [0.0]
    limiter = Limiter(2, 60.0, lambda: now[0])
    for _ in range(2):
        limiter.failed("ada")
    assert limiter.wait("ada") == 60.0
    now[0] += 60.0
    assert limiter.wait("ada") == 0.0
    limiter.failed("ada")
    limiter.failed("ada")
    limiter.forgive("ada")
    assert limiter.wait("ada") == 0.0
