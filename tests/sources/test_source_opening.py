from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import everyframe.sources
from everyframe.errors import SourceError, SourceNotFound, SourceUnreachable
from everyframe.sources import FileSource, FolderSource, open_source, opening, probe
from everyframe.types import Frame


def test_the_public_names_are_these() -> None:
    assert sorted(everyframe.sources.__all__) == [
        "Backoff",
        "Dropping",
        "FileSource",
        "FolderSource",
        "LiveSource",
        "Probe",
        "mark_gaps",
        "masked",
        "open_source",
        "probe",
    ]
    for name in everyframe.sources.__all__:
        assert getattr(everyframe.sources, name).__doc__


def test_paths_and_strings_and_file_urls_open_files(write_video: Any, pictures: Any) -> None:
    path = write_video("park day.mp4", pictures(5))
    for spec in (path, str(path), f"file:{path}", path.as_uri()):
        with closing(open_source(spec)) as source:
            assert isinstance(source, FileSource)
            assert len(list(source)) == 5


def test_options_reach_files(write_video: Any, pictures: Any) -> None:
    starts = datetime(2024, 1, 1, tzinfo=UTC)
    with closing(open_source(write_video("a.mp4", pictures(5)), starts=starts, vectors=True)) as source:
        frames = [item for item in source if isinstance(item, Frame)]
    assert frames[0].utc == starts.timestamp()
    assert any(frame.vectors is not None for frame in frames)


def test_folders_open(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((8, 8), number, np.uint8))
    with closing(open_source(tmp_path, fps=10)) as source:
        assert isinstance(source, FolderSource)
        assert source.info.fps == 10


def test_a_source_is_returned_as_it_is(write_video: Any, pictures: Any) -> None:
    source = open_source(write_video("a.mp4", pictures(5)))
    assert open_source(source) is source


def test_a_closed_source_ends_and_says_so(tmp_path: Path, write_video: Any, pictures: Any) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(9):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((8, 8), number, np.uint8))
    for spec in (folder, write_video("a.mp4", pictures(30))):
        source = open_source(spec)
        assert isinstance(source, FileSource | FolderSource)
        items = iter(source)
        next(items)
        source.close()
        assert list(items) == []
        with pytest.raises(SourceError, match="closed"):
            list(source)
        with pytest.raises(SourceError, match="closed"):
            list(source.between(0, 1))


def test_a_scene_takes_start_and_rate_from_the_call_unless_its_address_says() -> None:
    starts = datetime(2024, 5, 1, 12, tzinfo=UTC)
    with closing(open_source("synthetic:park?minutes=0.05", starts=starts, fps=5)) as source:
        assert source.info.start_utc == starts.timestamp()
        assert source.info.fps == 5
    address = "synthetic:park?minutes=0.05&fps=20&starts=2024-06-01T00:00:00+00:00"
    with closing(open_source(address, starts=starts, fps=5)) as source:
        assert source.info.start_utc == datetime(2024, 6, 1, tzinfo=UTC).timestamp()
        assert source.info.fps == 20


@pytest.mark.parametrize("spec", ["", "  "])
def test_nothing_is_refused(spec: str) -> None:
    with pytest.raises(SourceNotFound, match="no source was named"):
        open_source(spec)


def test_a_name_that_no_file_can_have_is_no_file() -> None:
    with pytest.raises(SourceNotFound, match="there is no such file"):
        open_source("x" * 300)


def test_a_url_that_is_longer_than_the_name_of_a_file_may_be_is_a_url() -> None:
    """Addresses that are signed for a while are long."""
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1"):
        open_source(f"http://127.0.0.1:9/live.m3u8?signature={'x' * 300}", timeout=2.0)


def test_an_unknown_scheme_is_refused_without_its_password() -> None:
    with pytest.raises(SourceError, match="nothing here reads gopher") as caught:
        open_source("gopher://user:s3cret@host/film")
    assert "s3cret" not in str(caught.value)


def test_a_plug_in_opens_its_scheme(write_video: Any, pictures: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video("a.mp4", pictures(5))
    calls: list[dict[str, object]] = []

    def opener(spec: str, **options: object) -> FileSource:
        calls.append({"spec": spec, **options})
        return FileSource(path)

    class Plugin(EntryPoint):
        def load(self) -> Any:
            return opener

    def found(*, group: str, name: str) -> list[EntryPoint]:
        assert group == "everyframe.sources"
        return [Plugin(name, "plugin:opener", group)] if name == "vault" else []

    monkeypatch.setattr(opening, "entry_points", found)
    with closing(open_source("vault://7/monday", fps=5, vectors=True)) as source:
        assert len(list(source)) == 5
    assert calls == [{"spec": "vault://7/monday", "starts": None, "fps": 5, "vectors": True, "timeout": 10.0}]


def test_probe_of_a_file(write_video: Any, pictures: Any) -> None:
    found = probe(write_video("a.mp4", pictures(60)))
    assert (found.codec, found.width, found.height, found.frames) == ("h264", 96, 64, 60)
    assert found.fps == 10
    assert found.duration == pytest.approx(6.0)
    assert found.measured_fps == pytest.approx(10.0)
    assert found.pixel_format == "yuv420p"
    assert found.vectors
    assert not found.variable
    assert not found.live


def test_probe_sees_a_variable_rate_and_no_vectors(write_video: Any, pictures: Any) -> None:
    times = np.cumsum([0.04, 0.3] * 10).tolist()
    found = probe(write_video("a.mkv", pictures(20), times=times, codec="ffv1"))
    assert found.variable
    assert not found.vectors


def test_probe_is_not_fooled_by_rounded_timestamps(write_video: Any, pictures: Any) -> None:
    times = [round(number / 29.97, 3) for number in range(60)]
    found = probe(write_video("a.mkv", pictures(60), times=times))
    assert not found.variable
    assert found.measured_fps == pytest.approx(29.97, abs=0.05)


def test_probe_of_a_folder(tmp_path: Path) -> None:
    for number in (0, 1, 2, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((8, 8), number, np.uint8))
    found = probe(tmp_path)
    assert (found.codec, found.pixel_format, found.frames, found.variable) == (None, None, 6, False)


def test_probe_says_why_not(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match="no such file"):
        probe(tmp_path / "nothing.mp4")
