from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from everyframe.cli.opening import check_output, opened
from everyframe.errors import SettingError, SourceNotFound, StorageError
from everyframe.settings import Settings
from everyframe.types import Gap, GapReason, Source, StreamInfo

STARTS = datetime(2026, 3, 2, 14, 0)  # noqa: DTZ001 - as a person writes it, in local time


def test_each_source_goes_on_where_the_one_before_ended(park: Path) -> None:
    clip = str(park / "park-monday.mp4")
    with opened([clip, clip], Settings(), starts=STARTS) as (one, two):
        assert one.info.start_utc == STARTS.timestamp()
        assert two.info.start_utc == pytest.approx(STARTS.timestamp() + 60.0)


def test_starts_needs_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless:
        info = StreamInfo("camera", 10, 10, live=True)
        closed = False

        def close(self) -> None:
            Endless.closed = True

    monkeypatch.setattr("everyframe.sources.open_source", lambda *a, **b: Endless())
    with pytest.raises(SettingError, match="it has no length"), opened(["a", "b"], Settings(), starts=STARTS):
        pass
    assert Endless.closed


def test_what_was_opened_is_closed_when_the_next_cannot_be(
    park: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everyframe.sources import open_source

    sources: list[Source] = []

    def remember(*arguments: object, **options: object) -> Source:
        sources.append(open_source(*arguments, **options))  # type: ignore[arg-type]
        return sources[-1]

    monkeypatch.setattr("everyframe.sources.open_source", remember)
    with pytest.raises(SourceNotFound), opened([str(park / "park-monday.mp4"), "none.mp4"], Settings()):
        pass
    (source,) = sources
    with pytest.raises(Exception, match="is closed"):
        next(iter(source))


def test_freeze_after_reaches_the_source(tmp_path: Path) -> None:
    import cv2
    import numpy as np

    picture = np.random.default_rng(0).integers(0, 255, (48, 64), np.uint8)
    for number in range(30):
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), picture)

    def reasons(after: float) -> set[GapReason]:
        with opened([str(tmp_path)], Settings(freeze_after=after), fps=10) as (source,):
            return {item.reason for item in source if isinstance(item, Gap)}

    assert reasons(1.0) == {GapReason.DUPLICATE, GapReason.FREEZE}
    assert reasons(60.0) == {GapReason.DUPLICATE}


def test_an_output_that_cannot_be_is_refused_before_any_work(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"")
    (tmp_path / "link.mp4").symlink_to(clip)
    with pytest.raises(SettingError, match="one of the sources"):
        check_output(tmp_path / "link.mp4", [str(clip)])
    with pytest.raises(StorageError, match="its folder does not exist"):
        check_output(tmp_path / "none" / "out", [])
    with pytest.raises(StorageError, match="a folder of that name"):
        check_output(tmp_path, [])
    check_output(tmp_path / "new.baseline", [str(clip), "rtsp://camera/stream"])


def test_an_output_whose_name_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="name too long; choose another name"):
        check_output(tmp_path / ("x" * 300), ["y" * 300])
