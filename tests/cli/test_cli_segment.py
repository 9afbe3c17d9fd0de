"""`segment predict` on pictures, folders, footage and what is none of them."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.vision.dense.small_segmenters import GROUNDS, by_colour
from typer.testing import CliRunner

from everyframe.cli.app import app
from everyframe.cli.segment.naming import jobs
from everyframe.errors import SourceUnreadable
from everyframe.store import write_clip
from everyframe.types import Frame

runner = CliRunner()
Bytes = NDArray[np.uint8]


def truth(left: int = 10) -> Bytes:
    told = np.zeros((90, 160), np.uint8)
    told[40:] = 1
    told[60:80, left : left + 30] = 3
    return told


def picture(told: Bytes) -> Bytes:
    return np.array(GROUNDS.colours, np.uint8)[told]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a network, three pictures and a film of a car that drives for two seconds."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "colour.onnx").write_bytes(by_colour())
    (tmp_path / "street").mkdir()
    for number, name in enumerate(("b.png", "a.jpg", "c.png")):
        # In the names' alphabetical order, the car stands further to the right.
        cv2.imwrite(str(tmp_path / "street" / name), picture(truth(10 + 20 * number))[..., ::-1])

    def seen(number: int) -> Frame:
        rgb = picture(truth(4 * number))
        luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        return Frame(number, number / 10, luma, to_rgb=lambda: rgb)

    write_clip((seen(number) for number in range(20)), tmp_path / "drive.mp4", fps=10)
    return tmp_path


def predict(*arguments: str, code: int = 0) -> str:
    done = runner.invoke(app, ["segment", "predict", "-m", "colour.onnx", *arguments])
    if isinstance(done.exception, Exception):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_a_picture_gets_a_mask_an_overlay_and_a_row(here: Path) -> None:
    said = predict("street/b.png", "-o", "seen")
    assert said.startswith("street/b.png  road ")
    assert {path.name for path in Path("seen").iterdir()} == {"areas.csv", "b.mask.png", "b.overlay.jpg"}
    np.testing.assert_array_equal(np.asarray(Image.open("seen/b.mask.png")), truth())
    drawn = np.asarray(Image.open("seen/b.overlay.jpg"))
    assert drawn.shape[1] == 160
    assert drawn.shape[0] > 90  # the legend
    (row,) = table(Path("seen/areas.csv"))
    assert row["picture"] == "street/b.png"
    assert float(row["sky"]) == pytest.approx((truth() == 0).mean(), abs=1e-4)
    assert sum(float(row[name]) for name in GROUNDS.names) == pytest.approx(1.0, abs=1e-3)


def test_what_is_written_can_be_chosen(here: Path) -> None:
    predict("street/b.png", "-o", "bare", "--no-masks", "--no-legend", "--opacity", "0")
    assert {path.name for path in Path("bare").iterdir()} == {"areas.csv", "b.overlay.jpg"}
    drawn = np.asarray(Image.open("bare/b.overlay.jpg")).astype(int)
    assert np.abs(drawn - picture(truth())).mean() < 6
    predict("street/b.png", "-o", "table", "--no-masks", "--no-overlay")
    assert [path.name for path in Path("table").iterdir()] == ["areas.csv"]


def test_a_folder_is_pictures_and_names_never_collide(here: Path) -> None:
    lines = [json.loads(line) for line in predict("street", "street/b.png", "--json").splitlines()]
    assert [line["picture"] for line in lines] == [
        "street/a.jpg",
        "street/b.png",
        "street/c.png",
        "street/b.png",
    ]
    assert set(lines[0]["shares"]) == set(GROUNDS.names)
    names = {path.name for path in Path("segmented").glob("*.mask.png")}
    assert names == {"a.mask.png", "b.mask.png", "c.mask.png", "b-2.mask.png"}
    assert len(table(Path("segmented/areas.csv"))) == 4


def test_footage_gets_a_film_and_a_table_over_time(here: Path) -> None:
    predict("drive.mp4", "-o", "seen", "--masks")
    rows = table(Path("seen/drive.areas.csv"))
    assert [float(row["time"]) for row in rows] == pytest.approx([number / 10 for number in range(20)])
    with av.open("seen/drive.overlay.mp4") as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(pictures) == 20
    assert pictures[0].shape == (90, 160, 3)
    masks = sorted(Path("seen/drive.masks").iterdir())
    assert [path.name for path in masks][:2] == ["000000.png", "000001.png"]
    for number in (0, 7, 19):
        told = np.asarray(Image.open(masks[number]))
        assert (told != truth(4 * number)).mean() < 0.02
    # What is drawn is the mask: the car is red, and goes to the right.
    red = pictures[19][65:75].astype(int)
    assert red[:, 80:100, 0].mean() > red[:, 10:30, 0].mean() + 30


def test_footage_is_looked_at_now_and_then_and_for_a_while(here: Path) -> None:
    said = predict("drive.mp4", "--every", "0.25", "--for", "1", "--no-overlay", "--json")
    rows = [json.loads(line) for line in said.splitlines()]
    assert [row["time"] for row in rows] == pytest.approx([0.0, 0.3, 0.5, 0.8])
    assert {row["source"] for row in rows} == {"drive.mp4"}
    assert [path.name for path in Path("segmented").iterdir()] == ["drive.areas.csv"]


def test_a_drawn_scene_is_footage_too(here: Path) -> None:
    said = predict("synthetic:park?minutes=1&size=160x90", "--for", "0.5", "--side", "80")
    assert said.startswith("synthetic:park")
    assert Path("segmented/synthetic-park.overlay.mp4").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gone.jpg"], "gone.jpg is not there"),
        (["gone.mp4"], "gone.mp4: there is no such file"),
        (["cut.png"], "cut.png is damaged or cut short"),
        (["empty"], "empty: no pictures in this folder"),
        (["street/b.png", "-o", "colour.onnx"], "Cannot write into colour.onnx: it is a file"),
        (["street/b.png", "-m", "drive.mp4"], "drive.mp4 is damaged, or no network that was exported"),
        (["street/b.png", "-m", "gone.onnx"], "gone.onnx: there is no such model"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(here: Path, arguments: list[str], says: str) -> None:
    Path("empty").mkdir()
    Path("cut.png").write_bytes(Path("street/b.png").read_bytes()[:80])
    from everyframe.errors import EveryframeError

    with pytest.raises(EveryframeError) as caught:
        predict(*arguments)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    left = Path("segmented")
    assert not left.exists() or not list(left.iterdir())


def test_one_bad_picture_of_several_is_named_and_the_others_are_done(here: Path) -> None:
    Path("street/b.png").write_bytes(b"no picture")
    done = runner.invoke(app, ["segment", "predict", "-m", "colour.onnx", "street"])
    assert done.exit_code == 1
    assert "b.png is no picture that can be read" in done.output
    assert "1 of 3 could not be read" in done.output
    assert len(table(Path("segmented/areas.csv"))) == 2


def test_a_long_picture_goes_by_the_side_that_is_asked_for(here: Path) -> None:
    predict("street/b.png", "--side", "80", "-o", "seen")
    told = np.asarray(Image.open("seen/b.mask.png"))
    assert told.shape == (90, 160)
    assert (told != truth()).mean() < 0.03


def test_addresses_name_files_without_their_secrets() -> None:
    (job,) = jobs(["rtsp://user:secret@camera.local/street?token=abc"])
    assert not job.picture
    assert job.name == "street"
    with pytest.raises(SourceUnreadable):
        jobs([str(Path(__file__).parents[2] / "src" / "everyframe" / "cli")])


def test_a_scene_is_proposed_as_the_settings_file_has_it(here: Path) -> None:
    from everyframe.server.settings import read

    scene = ["segment", "scene", "drive.mp4", "-m", "colour.onnx"]
    done = runner.invoke(app, [*scene, "--camera", "front gate", "--picture", "scene.png"])
    assert done.exit_code == 0, done.output
    Path("everyframe.toml").write_text(done.stdout)
    told = read(Path("everyframe.toml"), environ={})
    (camera,) = told.cameras
    assert (camera.name, camera.source) == ("front gate", "drive.mp4")
    assert len(camera.masks) == 1
    (zone,) = told.actions.zones["front gate"]
    assert zone.name == "road"
    assert min(y for _, y in zone.polygon) == pytest.approx(40 / 89, abs=0.03)
    with Image.open("scene.png") as drawn:
        assert drawn.size[0] == 160
    as_json = runner.invoke(app, [*scene, "--json", "-o", "told.json"])
    assert as_json.stdout == ""
    proposal = json.loads(Path("told.json").read_text())
    assert proposal["zones"][0]["polygon"] == [list(point) for point in zone.polygon]
    assert [mask["name"] for mask in proposal["masks"]] == ["sky"]


def test_a_scene_with_nothing_to_propose_says_so(here: Path) -> None:
    arguments = ["segment", "scene", "drive.mp4", "-m", "colour.onnx", "--least", "0.9"]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 1
    assert "There is nothing to propose" in done.output


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_early_it_keeps_what_is_done(
    here: Path, start: Callable[..., subprocess.Popen[str]], number: int, code: int
) -> None:
    process = start(
        "segment", "predict", "synthetic:park?minutes=30&size=160x90", "-m", "colour.onnx", "--json"
    )
    assert process.stdout is not None
    for _ in range(5):
        assert process.stdout.readline()
    process.send_signal(number)
    _, complained = process.communicate(timeout=120)
    assert process.returncode == code
    assert "Traceback" not in complained
    assert "what was done until then is kept" in complained
    rows = table(here / "segmented" / "synthetic-park.areas.csv")
    assert 5 <= len(rows) < 18_000
    with av.open(str(here / "segmented" / "synthetic-park.overlay.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == len(rows)
