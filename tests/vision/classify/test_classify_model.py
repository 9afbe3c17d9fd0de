from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.vision.classify.drawn import TINY, folder, picture, write

from everyframe.errors import DatasetError, StorageError, WeightsError
from everyframe.vision.classify import Classifier, explain, predict
from everyframe.vision.classify.curves import drawn, write_curves
from everyframe.vision.classify.explaining import all_filters, overlaid
from everyframe.vision.pictures import read_picture

torch = pytest.importorskip("torch")

from everyframe.vision.classify.export import to_onnx  # noqa: E402
from everyframe.vision.classify.networks import make  # noqa: E402


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a classifier that answers to red, and to blue."""
    torch.manual_seed(1)
    network = make(TINY, 2).eval()
    torch.nn.init.normal_(network.head.weight)
    about = {"format": 1, "classes": ["ant", "bee"], "side": 48, "backbone": TINY}
    path = tmp_path_factory.mktemp("model") / "some.onnx"
    path.write_bytes(to_onnx(network, 0.1, about))
    return path


def test_running_needs_no_pytorch(model: Path, tmp_path: Path) -> None:
    one = str(write(tmp_path / "one.png", picture("discs", 1)))
    code = (
        "import sys\n"
        "from everyframe.vision import classify\n"
        f"(told,) = classify.predict({str(model)!r}, {one!r})\n"
        f"(why,) = classify.explain({str(model)!r}, [{one!r}], {str(tmp_path / 'why')!r})\n"
        "assert told == why.told\n"
        "assert why.picture.stat().st_size > 1000\n"
        "assert not {'torch', 'torchvision', 'onnx', 'sklearn'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_same_picture_is_told_the_same_however_it_is_kept(model: Path, tmp_path: Path) -> None:
    grey = cv2.cvtColor(picture("discs", 4), cv2.COLOR_RGB2GRAY)
    colour = np.repeat(np.asarray(grey, np.uint8)[:, :, None], 3, axis=2)
    Image.fromarray(colour).save(tmp_path / "colour.png")
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    clear = Image.fromarray(colour).convert("RGBA")
    clear.save(tmp_path / "clear.png")
    Image.fromarray(colour).convert("CMYK").save(tmp_path / "print.tif")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(colour))).save(tmp_path / "turned.png", exif=exif)
    told = {one.path.stem: one.confidences["ant"] for one in predict(model, tmp_path)}
    assert len(told) == 7
    for name, value in told.items():
        assert value == pytest.approx(told["colour"], abs=0.02), name
    other = Classifier(model).look(255 - colour)[0]
    assert abs(other - told["colour"]) > 0.05  # or anything would be the same


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(model: Path, tmp_path: Path) -> None:
    folder(tmp_path, 2, ("discs",))
    bad = tmp_path / "discs" / "005.png"
    bad.write_bytes((tmp_path / "discs" / "01.png").read_bytes()[:60])
    with pytest.raises(DatasetError, match=r"005\.png"):
        list(predict(model, tmp_path))
    faults: list[Exception] = []
    assert len(list(predict(model, tmp_path / "discs", faults.append))) == 2
    assert len(list(explain(model, tmp_path / "discs", tmp_path / "why", faults.append))) == 2
    assert [type(one) for one in faults] == [DatasetError, DatasetError]


@pytest.mark.parametrize("case", ["text", "empty", "truncated", "other model", "later", "folder", "missing"])
def test_a_file_that_is_no_classifier(case: str, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.onnx"
    words = "is damaged, or no model that `everyframe classify train` made"
    if case == "text":
        path.write_text("text")
    elif case == "empty":
        path.write_bytes(b"")
    elif case == "truncated":
        path.write_bytes(model.read_bytes()[:5000])
    elif case == "other model":
        import everyframe.vision

        path = Path(everyframe.vision.__file__).parent / "weights" / "motion.onnx"
    elif case == "later":
        about = {"format": 2, "classes": ["ant", "bee"], "side": 48, "backbone": TINY}
        path.write_bytes(to_onnx(make(TINY, 2).eval(), 1.0, about))
        words = "was made by a later version"
    else:
        path = tmp_path if case == "folder" else tmp_path / "no-such.onnx"
        words = "cannot be read"
    with pytest.raises(WeightsError, match=words):
        Classifier(path)


def test_reasons_are_a_picture_for_each_and_one_of_all_filters(model: Path, tmp_path: Path) -> None:
    write(tmp_path / "a" / "same.png", picture("discs", 1))
    write(tmp_path / "b" / "same.png", picture("stripes", 1, (30, 90)))
    write(tmp_path / "b" / "filters.png", picture("stripes", 2))
    found = list(explain(model, [tmp_path / "a", tmp_path / "b"], tmp_path / "deep" / "why"))
    names = ["same.png", "filters-2.png", "same-2.png"]
    assert [one.picture.name for one in found] == names
    assert sorted(path.name for path in (tmp_path / "deep" / "why").iterdir()) == sorted(
        [*names, "filters.png"]
    )
    sheets = [read_picture(one.picture) for one in found]
    assert all(one.shape == sheets[0].shape for one in sheets)
    assert not np.array_equal(sheets[0], sheets[2])
    assert read_picture(tmp_path / "deep" / "why" / "filters.png").std() > 5
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="Cannot write"):
        list(explain(model, tmp_path / "a", tmp_path / "taken"))


def test_heat_is_seen_where_it_is() -> None:
    where = np.zeros((4, 4), np.float32)
    where[0, 3] = 1.0
    seen = overlaid(np.full((64, 64, 3), 128, np.uint8), where, 80).astype(int)
    assert seen[:15, 65:].sum() > 1.3 * seen[65:, :15].sum()


def test_all_filters_are_shown_the_strongest_first() -> None:
    filters = np.zeros((40, 3, 3, 3), np.float32)
    filters[7, 0] = 2.0  # red
    filters[3, 2] = 1.0  # blue
    page = all_filters(filters)
    red, blue, none = (page[45, 30 + 57 * column].astype(int) for column in range(3))
    assert red.argmax() == 0
    assert blue.argmax() == 2
    assert np.ptp(none) == 0


@pytest.mark.parametrize("epochs", [0, 1, 7])
def test_curves_are_a_picture_and_a_table(epochs: int, tmp_path: Path) -> None:
    falling: dict[str, Any] = {
        "loss": [1.0 / (one + 1) for one in range(epochs)],
        "held_out": [0.9] * epochs,
        "accuracy": [0.5] * epochs,
    }
    write_curves(tmp_path / "c.png", falling)
    lines = (tmp_path / "c.csv").read_text().splitlines()
    assert len(lines) == epochs + 1
    assert (tmp_path / "c.png").read_bytes() == drawn(falling)
    assert read_picture(tmp_path / "c.png").shape[1] == 1200
    if epochs > 1:
        assert lines[0] == "epoch,loss,held_out,accuracy"
        assert lines[2] == "2,0.500000,0.900000,0.500000"
        assert drawn(falling) != drawn(falling | {"accuracy": [0.9] * epochs})
    write_curves(tmp_path / "all.png", {"loss": [0.5], "held_out": [], "accuracy": []})
    assert (tmp_path / "all.csv").read_text() == "epoch,loss\n1,0.500000\n"
