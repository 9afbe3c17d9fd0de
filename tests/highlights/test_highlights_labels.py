from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest
from tests.highlights.movers import write_mover

from everyframe.errors import LabelError
from everyframe.highlights import read_labels
from everyframe.highlights.labels import read_segments


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mover(tmp_path_factory.mktemp("match") / "match.mp4", "up", 1)


def table(match: Path, text: str) -> Path:
    path = match.parent / "labels.csv"
    path.write_text(text)
    return path


def test_a_table_gives_segments_and_what_it_says_of_them(match: Path) -> None:
    path = table(match, "file,start,end,label,player\nmatch.mp4,0.2,1.1,smash,Ada\nmatch.mp4,,,rally,\n")
    smash, rally = read_labels(path)
    assert (smash.start, smash.end, smash.label, smash.source) == (0.2, 1.1, "smash", str(match))
    assert dict(smash.about) == {"player": "Ada"}
    assert (rally.start, dict(rally.about)) == (0.0, {})
    assert rally.end == pytest.approx(1.6, abs=0.05)


def test_json_gives_the_same(match: Path) -> None:
    path = match.parent / "labels.json"
    path.write_text(
        json.dumps([{"file": "match.mp4", "start": 0.2, "end": 1.1, "label": "smash", "player": "Ada"}])
    )
    (smash,) = read_labels(path)
    assert (smash.start, smash.end, smash.about["player"]) == (0.2, 1.1, "Ada")


def test_markers_of_a_timeline_give_the_same(match: Path) -> None:
    clip = otio.schema.Clip(
        name="match", media_reference=otio.schema.ExternalReference(target_url=match.as_uri())
    )
    begin, length = otio.opentime.RationalTime(5, 25), otio.opentime.RationalTime(20, 25)
    marked = otio.opentime.TimeRange(begin, length)
    clip.markers.append(otio.schema.Marker(name="smash", marked_range=marked, metadata={"player": "Ada"}))
    timeline = otio.schema.Timeline("day")
    track = otio.schema.Track("V1")
    track.append(clip)
    timeline.tracks.append(track)
    path = match.parent / "day.otio"
    otio.adapters.write_to_file(timeline, str(path))
    (smash,) = read_labels(path)
    assert [smash.start, smash.end] == pytest.approx([0.2, 1.0])
    assert smash.label == "smash"
    assert (smash.source, smash.about["player"]) == (str(match), "Ada")


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    for kind in ("across", "up"):
        write_mover(tmp_path / kind / "1.mp4", kind, 1)
    (tmp_path / "up" / "notes.txt").write_text("no footage")
    assert [segment.label for segment in read_labels(tmp_path)] == ["across", "up"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clip,label\nmatch.mp4,smash\n", "has no column 'file', only clip, label"),
        ("file,start,end,label\nmatch.mp4,1,0.5,smash\n", "line 2: smash ends at 0.5 s and begins at 1 s"),
        ("file,start,end,label\nmatch.mp4,1,9,smash\n", "from 1 to 9 s, but match.mp4 lasts 1.60 s"),
        ("file,start,end,label\nmatch.mp4,-1,1,smash\n", "from -1 to 1 s"),
        ("file,start,end,label\nmatch.mp4,soon,1,smash\n", "line 2: start is 'soon'; give seconds"),
        ("file,start,end,label\nmatch.mp4,0,nan,smash\n", "end is 'nan'"),
        ("file,start,end,label\nmatch.mp4,0,1,\n", "line 2: label is missing"),
        ("file,start,end,label\nother.mp4,0,1,smash\n", "there is no footage"),
        ("file,start,end,label\nlabels.csv,0,1,smash\n", "labels.csv"),
        ("file,start,end,label\nmatch.mp4,0\n", "it has 2 cells where the head has 4"),
        ("file,start,end,label\n", "labels nothing"),
        ("", "its first line should name the columns"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_in_one_line(match: Path, text: str, words: str) -> None:
    with pytest.raises(LabelError) as caught:
        read_labels(table(match, text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_files_are_told_from_labels(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="there are no labels"):
        read_labels(tmp_path / "none.csv")
    (tmp_path / "labels.txt").write_text("smash")
    with pytest.raises(LabelError, match=r"\.csv, \.json and \.otio"):
        read_labels(tmp_path / "labels.txt")
    for name, text in (("a.json", "{"), ("b.json", '{"file": "match.mp4"}'), ("c.otio", "nothing")):
        (tmp_path / name).write_text(text)
        with pytest.raises(LabelError, match=name):
            read_labels(tmp_path / name)
    with pytest.raises(LabelError, match="no folder with clips"):
        read_labels(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "start,end,label\n", "holds no segment"),
        ("a.csv", "begin,end,label\n1,2,x\n", "has no column 'start', only begin, end, label"),
        ("a.csv", "start,end,label\n1,2,x\n5,4,x\n", "line 3: x ends at 4 s and begins at 5 s"),
        ("a.csv", "start,end,label\nsoon,2,x\n", "line 2: start is 'soon'; give seconds"),
        ("a.csv", "start,end,label\n1,2,\n", "line 2: a segment needs a label"),
        ("a.csv", "start,end,label,confidence\n1,2,x,9\n", "confidence is '9'; give a number from 0 to 1"),
        ("a.csv", "start,end,label\n1\n", "line 2: it has 1 cells where the head has 3"),
        ("a.json", "[]", "holds no segment"),
        ("a.json", "{", "this is not JSON"),
        ("a.json", "3", "should hold a list of objects"),
        ("a.json", "[7]", "entry 1: it is no object"),
        ("a.json", '[{"start": 1, "label": "x"}]', "entry 1: end is missing"),
    ],
)
def test_segments_to_show_that_cannot_be_used_say_where(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(LabelError) as told:
        read_segments(tmp_path / name)
    assert words in str(told.value)
    assert name in str(told.value)


def test_segments_to_show_are_read_from_every_kind_and_need_no_footage(tmp_path: Path) -> None:
    """Whether the moments are to be learned from or to be shown, files look the same."""
    row = {"file": "gone.mp4", "start": 1, "end": "0:02.5", "label": "smash", "confidence": 0.5}
    (tmp_path / "a.json").write_text(json.dumps({"segments": [{**row, "about": {"player": "Ada"}}]}))
    (tmp_path / "a.csv").write_text(
        "File;Start;End;Label;confidence;player\ngone.mp4;1;0:02.5;smash;0.5;Ada\n"
    )
    clip = otio.schema.Clip(name="gone", media_reference=otio.schema.ExternalReference(target_url="gone.mp4"))
    marked = otio.opentime.TimeRange(otio.opentime.RationalTime(2, 2), otio.opentime.RationalTime(3, 2))
    told = {"player": "Ada", "confidence": "0.5"}
    clip.markers.append(otio.schema.Marker(name="smash", marked_range=marked, metadata=told))
    track = otio.schema.Track("V1", children=[clip])
    timeline = otio.schema.Timeline("day")
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "a.otio"))
    for name in ("a.json", "a.csv", "a.otio"):
        (one,) = read_segments(tmp_path / name)
        assert (one.start, one.end, one.label, one.confidence) == (1.0, 2.5, "smash", 0.5)
        assert (one.source, dict(one.about)) == (str(tmp_path / "gone.mp4"), {"player": "Ada"})
