"""The page about a network says its figures and shows the right pictures."""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.vision.dense.small_sets import mask, picture

from everyframe.errors import StorageError
from everyframe.vision.dense.classes import VOID, Classes, named
from everyframe.vision.dense.measures import Confusion
from everyframe.vision.dense.report import Sample, write_report
from everyframe.vision.dense.report.matrix import draw, mistakes
from everyframe.vision.dense.report.pictures import UNCOUNTED, WRONG, choose, where_wrong

CLASSES = Classes(("road", "car & van", "tree"), ((90, 60, 120), (10, 20, 200), (20, 140, 30)))


def sample(seed: int, wrong: int) -> Sample:
    """Return a picture of which so many columns are told wrongly."""
    truth = mask(seed, size=(24, 32))
    told = truth.copy()
    told[:, :wrong] = (told[:, :wrong] + 1) % 3
    truth[:2] = VOID
    return Sample(f"picture <{seed}>.png", picture(truth), truth, told)


def counted(samples: Sequence[Sample], *, boundaries: bool = True, classes: int = 3) -> Confusion:
    counts = Confusion(classes, boundaries=boundaries)
    for each in samples:
        counts.add(each.truth, each.told)
    return counts


class Page(HTMLParser):
    """What a browser would take from the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pictures: dict[str, str] = {}
        self.words: list[str] = []
        self.elsewhere: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "img":
            self.pictures[told["alt"] or ""] = told["src"] or ""
        self.elsewhere += [
            value or "" for name, value in attrs if name in ("src", "href") and (value or "")[:5] != "data:"
        ]
        assert tag not in ("script", "link", "iframe")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


def opened(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.partition("base64,")[2])))


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [sample(seed, wrong) for seed, wrong in enumerate((4, 0, 16, 9, 1, 2, 25, 6, 3, 12, 20))]


@pytest.fixture(scope="module")
def page(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Page:
    out = tmp_path_factory.mktemp("report") / "page.html"
    made = write_report(out, counted(samples), samples, CLASSES, title="a < b", about=["a line & another"])
    assert made == out
    return Page(out.read_text("utf-8"))


def test_the_figures_are_on_the_page(page: Page, samples: list[Sample]) -> None:
    counts = counted(samples)
    for figure in (
        counts.mean_iou,
        counts.pixel_accuracy,
        counts.mean_accuracy,
        counts.frequency_weighted_iou,
        counts.mean_iou_per_picture,
        counts.mean_iou_per_class_and_picture,
        counts.mean_boundary_f,
        *counts.iou,
    ):
        assert f"{figure:.3f}" in page.words
    assert "a < b" in page.words
    assert "a line & another" in page.words


def test_classes_come_best_first(page: Page, samples: list[Sample]) -> None:
    names = [word for word in page.words[page.words.index("Class by class") :] if word in CLASSES.names][:3]
    order = np.argsort(-counted(samples).iou)
    assert names == [CLASSES.names[number] for number in order]


def test_the_worst_the_middle_and_the_best_are_shown(page: Page) -> None:
    shown = [int(found[1]) for word in page.words if (found := re.fullmatch(r"picture <(\d+)>\.png", word))]
    assert shown[:3] == [6, 10, 2]  # 25, 20 and 16 columns of 32 are wrong
    assert sorted(shown[3:6]) == [0, 3, 7]  # 4, 9 and 6
    assert shown[6:] == [1, 4, 5]  # none, 1 and 2


def test_pictures_lie_inside_the_page(page: Page, samples: list[Sample]) -> None:
    assert page.elsewhere == []
    assert len(page.pictures) == 4 * 9
    worst = samples[6]
    truth = opened(page.pictures["Truth of picture <6>.png"])
    told = opened(page.pictures["Told of picture <6>.png"])
    assert np.array_equal(np.asarray(truth), worst.truth)
    assert np.array_equal(np.asarray(told), worst.told)
    seen = np.asarray(opened(page.pictures["Picture of picture <6>.png"]))
    assert np.abs(seen.astype(int) - worst.picture).mean() < 20  # JPEG


def test_a_page_without_boundaries_does_not_speak_of_them(samples: list[Sample], tmp_path: Path) -> None:
    write_report(tmp_path / "a.html", counted(samples, boundaries=False), samples, CLASSES)
    assert "Boundary F" not in (tmp_path / "a.html").read_text("utf-8")


def test_large_pictures_are_made_smaller_and_classes_never_mixed(tmp_path: Path) -> None:
    large = mask(0, size=(400, 1600))
    one = Sample("large", picture(large), large, np.roll(large, 3, 0))
    write_report(tmp_path / "a.html", counted([one]), [one], CLASSES)
    page = Page((tmp_path / "a.html").read_text("utf-8"))
    assert opened(page.pictures["Truth of large"]).size == (560, 140)
    assert set(np.unique(np.asarray(opened(page.pictures["Told of large"])))) <= {0, 1, 2}


def test_only_void_and_many_classes_make_a_page_too(tmp_path: Path) -> None:
    void = np.full((4, 4), VOID, np.uint8)
    one = Sample("void", picture(void), void, np.zeros((4, 4), np.uint8))
    write_report(tmp_path / "a.html", counted([one], classes=81), [one], named([f"c{n}" for n in range(81)]))
    page = Page((tmp_path / "a.html").read_text("utf-8"))
    assert page.pictures == {}
    assert "c80" in page.words


def test_a_page_that_cannot_be_written_and_samples_of_another_run(
    samples: list[Sample], tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="its folder does not exist"):
        write_report(tmp_path / "no/a.html", counted(samples), samples, CLASSES)
    with pytest.raises(ValueError, match="11 pictures were counted, but 10 are given"):
        write_report(tmp_path / "a.html", counted(samples), samples[1:], CLASSES)


def test_where_it_is_wrong() -> None:
    truth = np.array([[0, 1, VOID, 2]], np.uint8)
    told = np.array([[0, 2, 1, 2]], np.uint8)
    drawn = where_wrong(np.full((1, 4, 3), 100, np.uint8), truth, told)
    through = [round(0.8 * part + 0.2 * 90) for part in WRONG]
    assert drawn[0].tolist() == [[90] * 3, through, list(UNCOUNTED), [90] * 3]


@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), max_size=40), st.integers(1, 5))
def test_what_is_chosen(ious: list[float], count: int) -> None:
    chosen = choose(ious, count)
    places = [place for kind in chosen.values() for place in kind]
    known = [place for place, iou in enumerate(ious) if not math.isnan(iou)]
    assert len(set(places)) == len(places)
    assert set(places) <= set(known)
    assert len(places) == min(len(known), 3 * min(count, max(1, len(known) // 3)))
    if known:
        assert ious[chosen["worst"][0]] == min(ious[place] for place in known)
    if len(known) > 1:
        assert ious[chosen["best"][0]] == max(ious[place] for place in known)
    if len(known) >= 3 * count:
        middle = sorted(ious[place] for place in chosen["median"])
        below = sum(ious[place] < middle[0] for place in known)
        above = sum(ious[place] > middle[-1] for place in known)
        assert max(below, above) <= len(known) / 2


def test_the_matrix_and_the_mistakes_by_hand() -> None:
    counts = np.array([[90, 10, 0], [4, 16, 0], [0, 0, 0]])
    drawing = draw(counts, CLASSES)
    said = {cell.text: (cell.share, cell.right, cell.number) for cell in drawing.cells}
    assert said == {
        "road told as road: 90 %": (0.9, True, "90"),
        "road told as car & van: 10 %": (0.1, False, "10"),
        "car & van told as road: 20 %": (0.2, False, "20"),
        "car & van told as car & van: 80 %": (0.8, True, "80"),
    }
    assert [(each.truth, each.told, each.share) for each in mistakes(counts)] == [(0, 1, 0.1), (1, 0, 0.2)]
    assert drawing.rows[0][0] < drawing.rows[1][0]
