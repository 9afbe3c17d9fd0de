from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.highlights.movers import KINDS, movers

from everyframe.errors import LabelError, LibraryError, SettingError, SourceNotFound
from everyframe.highlights import Library, Segment, add_classes, recognise, steps_of, teach
from everyframe.vision.design import Design

pytestmark = pytest.mark.xdist_group("taught")  # what they share is taught once


def right(library: Library, exam: Sequence[Segment]) -> float:
    return float(np.mean([next(iter(recognise(library, segment))) == segment.label for segment in exam]))


def test_it_recognises_what_it_was_taught_in_other_clips(library: Library, exam: list[Segment]) -> None:
    assert library.classes == sorted(KINDS)
    assert right(library, exam) >= 0.9


def test_probabilities_add_up_to_one_for_a_window_of_any_length(
    library: Library, exam: list[Segment]
) -> None:
    (steps,) = steps_of(exam[0])
    assert library.probabilities(steps).sum() == pytest.approx(1.0, abs=1e-5)
    (short,) = steps_of(Segment(0.4, 0.8, "what", source=exam[0].source))
    assert len(short) < len(steps)
    assert library.probabilities(short).sum() == pytest.approx(1.0, abs=1e-5)


def test_a_library_read_again_says_the_same(library: Library, exam: list[Segment], tmp_path: Path) -> None:
    library.save(tmp_path / "moves.library")
    again = Library.load(tmp_path / "moves.library")
    assert (again.classes, again.design, again.mirror) == (library.classes, library.design, library.mirror)
    windows = steps_of(exam[0])
    assert np.array_equal(again.scores(windows), library.scores(windows))


def test_a_new_class_of_five_examples_is_found_and_the_others_still_are(
    library: Library, exam: list[Segment], tmp_path: Path
) -> None:
    model, before = library.model, right(library, exam)
    add_classes(library, movers(tmp_path, "circling", 5))
    assert library.classes[-1] == "circling"
    assert library.model == model  # nothing is trained again
    again = Library.from_bytes(library.to_bytes())
    assert right(again, movers(tmp_path / "more", "circling", 4, first=100)) >= 0.75
    assert right(again, exam) >= before


def test_a_known_class_is_not_added_again(library: Library, lessons: list[Segment]) -> None:
    with pytest.raises(SettingError, match="known already"):
        add_classes(library, [segment for segment in lessons if segment.label == "up"])


def test_the_same_seed_teaches_the_same(lessons: list[Segment]) -> None:
    pytest.importorskip("torch")
    few = [segment for kind in KINDS[:2] for segment in lessons if segment.label == kind][:13]
    one, other = (teach(few, epochs=1, seed=3) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.known, other.known, strict=True))


@pytest.mark.parametrize(
    "design",
    [
        Design(streams=("flow",), recurrent="lstm"),
        Design(streams=("frames",), recurrent="none"),
        Design(fusion="early"),
    ],
    ids=["flow-lstm", "frames-none", "early"],
)
def test_streams_fusion_and_what_remembers_are_chosen(
    design: Design, lessons: list[Segment], exam: list[Segment]
) -> None:
    pytest.importorskip("torch")
    library = Library.from_bytes(teach(lessons, design=design, epochs=1).to_bytes())
    assert library.design == design
    assert len(library.directions) == len(library.heads) == 1
    assert library.scores(steps_of(exam[0])).shape == (len(KINDS),)


def test_too_few_examples_are_refused_before_any_work(lessons: list[Segment]) -> None:
    ups = [segment for segment in lessons if segment.label == "up"]
    with pytest.raises(LabelError, match="up has 4 examples; label 5 of each class"):
        teach(ups[:4])
    with pytest.raises(LabelError, match="label a second class"):
        teach(ups)


def test_without_torch_one_line_says_what_to_install(
    lessons: list[Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everyframe.vision.needing.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install 'everyframe\[train\]'"):
        teach(lessons, epochs=1)


def test_a_file_that_is_no_library_is_said_to_be_none(tmp_path: Path, library: Library) -> None:
    with pytest.raises(SourceNotFound, match="everyframe teach"):
        Library.load(tmp_path / "none.library")
    (tmp_path / "text.library").write_text("no library")
    with pytest.raises(LibraryError, match="no library"):
        Library.load(tmp_path / "text.library")
    whole = library.to_bytes()
    for length in (7, 100, len(whole) // 2):
        with pytest.raises(LibraryError):
            Library.from_bytes(whole[:length])


def test_a_library_of_another_version_is_refused(library: Library) -> None:
    whole = library.to_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    told = json.loads(header["__metadata__"]["everyframe library"])
    header["__metadata__"]["everyframe library"] = json.dumps({**told, "format": 99})
    changed = json.dumps(header).encode()
    with pytest.raises(LibraryError, match="another version"):
        Library.from_bytes(len(changed).to_bytes(8, "little") + changed + whole[8 + length :])


def test_a_segment_in_which_there_is_nothing_to_see_is_named(tmp_path: Path) -> None:
    from tests.highlights.movers import write_mover

    clip = write_mover(tmp_path / "clip.mp4", "up", 1)
    with pytest.raises(LabelError, match=r"clip.mp4 from 1.5 to 1.55 s shows nothing"):
        steps_of(Segment(1.5, 1.55, "up", source=str(clip)))
