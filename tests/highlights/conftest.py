from __future__ import annotations

from pathlib import Path

import pytest
from tests.highlights.movers import KINDS, movers

from everyframe.highlights import Library, Segment, teach


@pytest.fixture(scope="session")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> list[Segment]:
    folder = tmp_path_factory.mktemp("lessons")
    return [segment for kind in KINDS for segment in movers(folder, kind, 8)]


@pytest.fixture(scope="session")
def taught(lessons: list[Segment]) -> bytes:
    pytest.importorskip("torch")
    return teach(lessons, epochs=12).to_bytes()


@pytest.fixture
def library(taught: bytes) -> Library:
    return Library.from_bytes(taught)


@pytest.fixture(scope="session")
def exam(tmp_path_factory: pytest.TempPathFactory) -> list[Segment]:
    folder: Path = tmp_path_factory.mktemp("exam")
    return [segment for kind in KINDS for segment in movers(folder, kind, 4, first=100)]
