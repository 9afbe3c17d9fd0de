"""The page is whole, safe, and shows what there is: also when that is nothing."""

from __future__ import annotations

import math
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from everyframe.errors import SettingError, StorageError
from everyframe.store import Evidence, Store, StoreSink
from everyframe.store import report as report_module
from everyframe.store.report import ReportTable, write_report
from everyframe.types import Deviation, Event, Frame, Gap, GapReason, StreamInfo

INFO = StreamInfo("rtsp://bob:s3cret@camera/stream", 64, 48)
MakeEvent = Callable[..., Event]
VOID = {"meta", "img", "br", "path", "circle"}


class Page(HTMLParser):
    """Checks that tags are closed in order; collects tags with their attributes, ids and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        assert self.open == []
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag not in {"b", "span", "a", "i"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


class Replay:
    def __init__(self, make: Callable[..., Frame]) -> None:
        self.make = make

    def between(self, start: float, end: float) -> Iterator[Frame]:
        return (self.make(i, i / 5) for i in range(60) if start <= i / 5 <= end)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "events") as store:
        yield store


@pytest.fixture
def watched(store: Store, make_event: MakeEvent, make_frame: Callable[..., Frame]) -> Store:
    """A store with one run of two alerts with pictures, scores and a gap."""
    with store.begin("Park <path>", INFO, "watch", budget="2/day", baseline="2 h", alert_p=0.001) as run:
        sink = StoreSink(run)
        evidence = Evidence(make_frame(0, 5.0), np.ones((3, 4), np.float32), Replay(make_frame), None, 5.0)
        drawn = replace(evidence, why=np.zeros((20, 40, 3), np.uint8))
        sink.deliver(make_event(start=4.0, p_value=0.0003, utc=1772460131.0), drawn)
        odd = (Deviation("presence", math.inf, 0.0, "s", "stands <b>here</b>", 1.0),)
        sink.deliver(
            make_event(start=8.0, p_value=0.0001, reason="<script>alert(1)</script>", deviations=odd),
            evidence,
        )
        for second in range(12):
            run.add_score(float(second), 1.0, 0.5 if second not in (5, 9) else 0.0002)
        run.add_gap(Gap(10.0, 11.5, GapReason.STALL, 7))
        run.watched(60, 10.5)
    return store


def written(store: Store, tmp_path: Path, **others: object) -> Page:
    values: dict[str, object] = {"run_ids": None, "out": tmp_path / "report.html", **others}
    path = write_report(store, **values)  # type: ignore[arg-type]
    return Page(path.read_text("utf-8"))


def test_a_drawing_of_why_is_on_the_page_where_there_is_one(watched: Store, tmp_path: Path) -> None:
    drawings = [img for img in written(watched, tmp_path).all("img") if img.get("class") == "why"]
    assert len(drawings) == 1
    assert (drawings[0]["src"] or "").startswith("data:image/png;base64,")
    assert "moves 2.6 times faster" in (drawings[0]["alt"] or "").lower()


def test_the_page_says_what_was_unusual(watched: Store, tmp_path: Path) -> None:
    page = written(watched, tmp_path, title="A day")
    for said in (
        "A day",
        "Park <path>",
        "64 × 48",
        "budget 2/day",
        "Normal was learned from 2 h",
        "10 s",
        "Moves 2.6 times faster than anything seen at this place",
        "Normal footage looks this unusual about once in 3,300 moments.",
        "0:04 – 0:06",
        "208 px/s",
        "80 px/s normally",
        "stall",
        "∞ s",
    ):
        assert said in page.text
    assert "s3cret" not in page.text
    links = {attrs["href"] for attrs in page.all("a")}
    assert links == {f"#{attrs['id']}" for attrs in page.all("li")} == {"#event-1", "#event-2"}


def test_what_people_or_streams_name_is_never_markup(watched: Store, tmp_path: Path) -> None:
    page = written(watched, tmp_path, extra=[ReportTable("<i>t</i>", ["<b>"], [["<img src=x>"]])])
    assert "<script>alert(1)</script>" in page.text
    assert page.all("script") == []
    assert [img.get("class") for img in page.all("img")] == ["why"]
    assert "<img src=x>" in page.text


def test_the_page_needs_no_other_file_and_no_network(watched: Store, tmp_path: Path) -> None:
    page = written(watched, tmp_path)
    shutil.rmtree(watched.folder, ignore_errors=True)
    videos = page.all("video")
    assert len(videos) == 2
    for video in videos:
        assert str(video["src"]).startswith("data:video/mp4;base64,")
        assert str(video["poster"]).startswith("data:image/jpeg;base64,")
        assert {"controls", "loop", "muted", "playsinline"} <= set(video)
        assert video["preload"] == "none"
    text = (tmp_path / "report.html").read_text("utf-8")
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(""", text)
    assert page.all("link") == []


def test_large_clips_lie_beside_the_page(
    watched: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_module, "EMBED_BYTES", 1000)
    (tmp_path / "pages of today").mkdir()
    page = written(watched, tmp_path, out=tmp_path / "pages of today" / "report.html")
    (first, second) = page.all("video")
    assert (first["src"], second["poster"]) == ("../events/0001.mp4", "../events/0002.jpg")
    assert (tmp_path / "pages of today" / str(first["src"])).is_file()


def test_an_event_whose_files_are_gone_is_shown_without(watched: Store, tmp_path: Path) -> None:
    for name in ("0001.mp4", "0001.jpg", "0002.mp4"):
        (watched.folder / name).unlink()
    page = written(watched, tmp_path)
    assert page.all("video") == []
    assert [img.get("class") for img in page.all("img")] == ["why", None]
    assert "No picture was kept" in page.text


def test_nothing_deviated_says_what_that_means(store: Store, tmp_path: Path) -> None:
    with store.begin("gate", INFO, "watch", budget="1/week") as run:
        run.add_score(3.0, 1.0, 0.01)
        run.watched(1000, 7200.0)
    page = written(store, tmp_path)
    assert "Nothing deviated" in page.text
    assert (
        "In 2 h of footage nothing was unusual enough for an alert within the budget of 1/week." in page.text
    )
    assert (
        "The most unusual moment was at 0:03: normal footage looks this unusual about once in 100"
        in page.text
    )


def test_a_run_that_only_calibrated_says_so(store: Store, tmp_path: Path) -> None:
    with store.begin("gate", INFO, "watch") as run:
        run.add_score(3.0, 1.0, None)
    assert "It was calibrating all the while" in written(store, tmp_path).text


def test_a_run_that_found_and_scored_nothing_is_a_page_too(store: Store, tmp_path: Path) -> None:
    store.begin("gate", INFO, "watch").finish("interrupted")
    page = written(store, tmp_path)
    assert "It was interrupted; this is what was found until then." in page.text
    assert page.all("svg") != []
    assert page.all("figure") == []


def test_a_store_without_runs_says_how_to_begin(store: Store, tmp_path: Path) -> None:
    assert "Nothing was watched yet" in written(store, tmp_path).text


def test_runs_are_chosen_by_number_or_all_that_watched_newest_first(store: Store, tmp_path: Path) -> None:
    for name, kind in (("one", "learn"), ("two", "watch"), ("three", "watch")):
        store.begin(name, INFO, kind).finish()

    def cameras(run_ids: list[int] | None) -> list[str]:
        return re.findall(r"one|two|three", " ".join(re.findall(r"<h2[^>]*>(.*?)</h2>", page(run_ids))))

    def page(run_ids: list[int] | None) -> str:
        return write_report(store, run_ids, tmp_path / "report.html").read_text("utf-8")

    assert cameras(None) == ["three", "two"]
    assert cameras([1, 3]) == ["one", "three"]
    with pytest.raises(SettingError, match=r"There is no run 9; choose one of: 1, 2, 3\."):
        cameras([9])


def test_extra_tables_show_marks(store: Store, tmp_path: Path) -> None:
    table = ReportTable(
        "Scripted", ["Event", "Found", "After"], [["cyclist", True, "0.8 s"], ["cart", False, None]]
    )
    page = written(store, tmp_path, extra=[table])
    assert "Scripted Event Found After cyclist ✓ yes 0.8 s cart ✗ no –" in page.text


def test_many_gaps_are_counted_and_the_longest_shown(store: Store, tmp_path: Path) -> None:
    with store.begin("gate", INFO, "watch") as run:
        for index in range(120):
            run.add_gap(Gap(float(index), index + (0.9 if index == 60 else 0.1), GapReason.MISSING, 1))
    page = written(store, tmp_path)
    assert len(page.all("tr")) == 51
    assert "70 shorter ones are not" in page.text
    assert "1:00 0.9 s missing 1" in page.text
    assert "120 gaps" in page.text


def test_the_curve_is_valid_svg(watched: Store, tmp_path: Path) -> None:
    written(watched, tmp_path)
    text = (tmp_path / "report.html").read_text("utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert drawings
    for drawing in drawings:
        ET.fromstring(drawing)


def test_a_page_that_cannot_be_written_leaves_nothing(watched: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="folder does not exist"):
        write_report(watched, None, tmp_path / "missing" / "report.html")
    assert not (tmp_path / "missing").exists()
