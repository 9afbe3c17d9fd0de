from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.highlights.movers import KINDS, movers, still

from everyframe.errors import SettingError, SourceNotFound
from everyframe.highlights import Library, Segment, teach
from everyframe.highlights.library import NOTHING
from everyframe.highlights.measuring import spotted
from everyframe.highlights.spotting import Judged, Progress, judged, spot, told

pytestmark = pytest.mark.xdist_group("taught")  # what they share is taught once


def join(path: Path, parts: list[Path]) -> list[float]:
    """Write files of the same form one after the other, and return where each begins."""
    starts, shown = [], 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 128, 96, "yuv420p", 2_000_000
        for part in parts:
            starts.append(shown / 20)
            with av.open(str(part)) as other:
                for frame in other.decode(video=0):
                    frame.pts, frame.time_base, frame.pict_type = shown, Fraction(1, 20), 0
                    container.mux(stream.encode(frame))
                    shown += 1
        container.mux(stream.encode())
    return starts


@pytest.fixture(scope="module")
def library(lessons: list[Segment], tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("nothing")
    quiet = [
        Segment(0.0, 1.6, NOTHING, source=str(still(folder / f"{seed}.mp4", seed, 1.6))) for seed in range(8)
    ]
    return teach([*lessons, *quiet], epochs=0)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Segment]]:
    folder = tmp_path_factory.mktemp("film")
    events = [movers(folder, kind, 1, first=200 + number)[0] for number, kind in enumerate((*KINDS, "up"))]
    parts = []
    for number, event in enumerate(events):
        parts += [still(folder / f"{number}.mp4", 50 + number, 4.0 + number), Path(event.source)]
    starts = join(folder / "film.mp4", parts)
    return folder / "film.mp4", [
        Segment(start, start + 1.6, event.label) for start, event in zip(starts[1::2], events, strict=True)
    ]


def test_what_was_taught_is_found_where_it_happens_and_nowhere_else(
    library: Library, film: tuple[Path, list[Segment]]
) -> None:
    path, events = film
    told = list(spot(path, library))
    found = spotted(told, events, 1.0)
    assert found.recall == 1.0
    assert found.precision >= 0.8
    assert NOTHING not in {one.label for one in told}
    assert [one.start for one in told] == sorted(one.start for one in told)
    assert all(one.source == str(path) and 0.0 <= one.confidence <= 1.0 for one in told)


def test_an_event_is_told_by_how_sure_it_is_that_anything_happens(library: Library) -> None:
    """Which of two it is may be hard to say where that something happens is plain."""
    where = {name: number for number, name in enumerate(library.classes)}
    torn, vague = np.full(len(where), 0.02, np.float32), np.full(len(where), 0.02, np.float32)
    torn[[where["up"], where["across"]]] = 0.5, 0.44
    vague[[where["up"], where[NOTHING]]] = 0.55, 0.39
    windows = [Judged(1.0, 3.0, vague), Judged(1.5, 3.5, torn)]
    (one,) = told(windows, library, "a.mp4", threshold=0.9)
    assert (one.start, one.label, one.source) == (1.5, "up", "a.mp4")
    assert one.confidence == pytest.approx(0.98, abs=1e-5)
    each = list(told(windows, library, "a.mp4", threshold=0.4, each=True))
    assert {(found.label, round(found.confidence, 2)) for found in each} == {("up", 0.55), ("across", 0.44)}


def test_a_library_without_nothing_is_as_sure_as_of_its_likeliest_class(lessons: list[Segment]) -> None:
    plain = teach(lessons)
    assert NOTHING not in plain.classes
    assert plain.sure(np.array([[0.2, 0.7, 0.1]])) == pytest.approx([0.7])


def test_footage_of_nothing_teaches_what_moves_there(lessons: list[Segment], tmp_path: Path) -> None:
    circling = [movers(tmp_path, "circling", 1, first=seed)[0].source for seed in range(8)]
    library = teach(lessons, nothing=circling)
    assert NOTHING in library.classes
    other = movers(tmp_path / "other", "circling", 1, first=300)[0].source
    sure = max((float(library.sure(one.probable)) for one in judged(other, library)), default=0.0)
    known = movers(tmp_path / "other", "up", 1, first=300)[0].source
    assert max(float(library.sure(one.probable)) for one in judged(known, library)) > sure + 0.3


def test_a_lower_threshold_tells_more(library: Library, film: tuple[Path, list[Segment]]) -> None:
    sure = list(spot(film[0], library, threshold=0.9))
    most = list(spot(film[0], library, threshold=0.0, each=True))
    assert len(most) > len(sure)


def test_it_tells_how_far_it_is_and_ends_when_asked(
    library: Library, film: tuple[Path, list[Segment]]
) -> None:
    told: list[Progress] = []
    whole = list(spot(film[0], library, progress=told.append))
    times = [one.seconds for one in told]
    assert told[0].total == pytest.approx(28.4, abs=0.2)
    assert times == sorted(times)
    assert len(times) >= 15
    part = list(spot(film[0], library, stop=lambda: True))
    assert part == []
    assert whole


def test_a_threshold_that_is_no_confidence_and_a_file_that_is_not_there(
    library: Library, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match="from 0 to 1"):
        list(spot(tmp_path / "film.mp4", library, threshold=2.0))
    with pytest.raises(SourceNotFound, match=r"film\.mp4"):
        list(spot(tmp_path / "film.mp4", library))
