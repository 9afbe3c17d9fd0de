"""What the server's tests share: a store with events, and people in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everyframe.server import passwords
from everyframe.store import Store


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at a thousandth of the cost; one test measures the real one."""
    monkeypatch.setattr(passwords, "_N", 2**5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "data") as kept:
        yield kept
