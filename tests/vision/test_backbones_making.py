from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from everyframe.errors import SettingError, WeightsError
from everyframe.vision.backbones import Eyes, Identity, folder, open_eyes, operators
from everyframe.vision.runtime import Runtime

torch = pytest.importorskip("torch")
if not operators.installed():  # importing it is what is tested
    pytest.skip("torchvision is not installed", allow_module_level=True)

from safetensors.torch import save_file  # noqa: E402

from everyframe.vision.backbones import making  # noqa: E402
from everyframe.vision.backbones.making import CLOSE, prepare  # noqa: E402
from everyframe.vision.backbones.networks import make  # noqa: E402
from everyframe.vision.backbones.published import Published, published  # noqa: E402

NAME = "squeezenet1_1"  # small
SQUARES = np.random.default_rng(1).integers(0, 256, (5, 112, 112)).astype(np.uint8)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everyframe.vision.backbones.eyes.platformdirs.user_cache_path", lambda _: tmp_path)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(NAME, tmp_path_factory.mktemp("weights") / f"{NAME}.pth")


def drawn(name: str) -> dict[str, Any]:
    """Return weights at random that do not let everything vanish."""
    torch.manual_seed(7)
    options = {"init_weights": False} if name == "googlenet" else {}
    network = operators.torchvision().models.get_model(name, weights=None, **options)
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
    return dict(network.state_dict())


def saved(name: str, path: Path) -> Path:
    torch.save(drawn(name), path)
    return path


def test_torchvision_is_imported_though_its_compiled_part_may_not_load() -> None:
    assert operators.torchvision().models
    for name in operators.OPERATORS:
        torch._C._get_schema(f"torchvision::{name}", "")  # raises where there is none


@pytest.mark.parametrize("name", [NAME, "timm/test_vit"])
def test_the_model_is_made_once_and_says_what_pytorch_says(
    name: str, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == NAME:
        network = operators.torchvision().models.get_model(name, weights=None)
        network.load_state_dict(torch.load(weights))
        mean, spread, path = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), weights
    else:
        torch.manual_seed(3)
        network = operators.timm().create_model(name.removeprefix("timm/"), pretrained=False)
        path = tmp_path / "own.safetensors"
        save_file(network.state_dict(), path)
        mean, spread = network.pretrained_cfg["mean"], network.pretrained_cfg["std"]
        network.reset_classifier(0)
    eyes = prepare(name, path)
    assert eyes.side == (112 if name == NAME else 160)
    pictures = torch.rand(3, 3, eyes.side, eyes.side)
    bright = (pictures - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(spread).view(3, 1, 1)
    with torch.inference_mode():
        expected = network.eval().features(bright).mean((2, 3)) if name == NAME else network.eval()(bright)
    said = Runtime((folder() / eyes.identity.model).read_bytes()).run({"pictures": pictures.numpy()})[0]
    assert said.shape == (3, eyes.width)
    assert expected.std() > 1e-3  # or anything would be near it
    assert np.abs(said - expected.numpy()).max() < CLOSE

    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    assert eyes.identity == Identity(name, checksum, path.name)
    assert eyes.identity.model == f"{name.replace('/', '-')}-{checksum[:8]}.onnx"
    monkeypatch.setattr(making, "to_onnx", None)  # not called again
    seen, both = eyes.look(SQUARES), prepare(name, path).views(SQUARES, mirror=True)
    assert both.shape == (2, len(SQUARES), eyes.width)
    assert np.allclose(both[0], seen, rtol=1e-2, atol=1e-2)
    assert np.allclose(both[1], eyes.look(SQUARES[:, :, ::-1]), rtol=1e-2, atol=1e-2)
    assert eyes.look(SQUARES[:0]).shape == (0, eyes.width)


def test_published_weights_come_from_the_tables(
    weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = published("resnet18")
    assert (told.file, told.checksum) == ("resnet18-f37072fd.pth", "f37072fd")
    assert told.url.startswith("https://")
    assert published("timm/resnet18.a1_in1k").checksum == "d63eafa0"
    hub = published("timm/vit_base_patch16_clip_224.openai")
    assert hub.file.startswith("timm-vit_base_patch16_clip_224.openai.")
    with pytest.raises(SettingError, match="resnet18"):
        published("resnet-18")
    with pytest.raises(SettingError, match="timm/resnet18"):
        published("timm/resnet_18")
    checksum = hashlib.sha256(weights.read_bytes()).hexdigest()
    there = Published(NAME, "http://127.0.0.1:1/", "there.pth", checksum[:8])
    monkeypatch.setattr(making, "published", lambda name: there)
    folder().mkdir(parents=True)
    (folder() / "there.pth").write_bytes(weights.read_bytes())
    assert prepare(NAME).identity == Identity(NAME, checksum, "there.pth", there.url)


@pytest.mark.parametrize("case", ["truncated", "text", "pickle", "no state", "missing"])
def test_a_file_that_is_no_state_dict_is_said_to_be_none(case: str, weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "given.pth"
    if case == "truncated":
        path.write_bytes(weights.read_bytes()[:-2000])
    elif case == "text":
        path.write_text("not weights at all")
    elif case == "pickle":
        torch.save(SystemExit("run"), path)
    elif case == "no state":
        torch.save({"epoch": 3}, path)
    with pytest.raises(WeightsError, match=r"given.pth (is damaged|holds no state dict|cannot be read)"):
        prepare(NAME, path)
    assert not folder().exists() or not list(folder().iterdir())


def test_a_library_finds_its_network_or_one_line_says_what_is_missing(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = prepare(NAME, weights).identity
    model = folder() / identity.model
    assert open_eyes(identity).identity == identity
    model.write_bytes(model.read_bytes()[:5000])
    with pytest.raises(WeightsError, match=rf"{identity.model} is damaged.*delete it"):
        open_eyes(identity)
    model.unlink()
    with pytest.raises(WeightsError) as caught:
        open_eyes(identity)
    line = str(caught.value)
    assert "\n" not in line
    for part in (identity.model, str(folder()), identity.file, identity.checksum):
        assert part in line
    (folder() / identity.file).write_bytes(weights.read_bytes() + b"more")
    with pytest.raises(WeightsError, match="another file than"):
        open_eyes(identity)
    (folder() / identity.file).write_bytes(weights.read_bytes())
    assert isinstance(open_eyes(identity), Eyes)  # made of the weights
    model.unlink()
    monkeypatch.setattr("everyframe.vision.backbones.operators.find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="is missing"):  # a machine without PyTorch
        open_eyes(identity)
    with pytest.raises(SettingError, match=r"pip install 'everyframe\[train\]'"):
        prepare(NAME, weights)
    monkeypatch.undo()


@pytest.mark.parametrize(
    "told",
    [
        {"name": "", "checksum": "0" * 64, "file": "a.pth"},
        {"name": "resnet18", "checksum": "f37072fd", "file": "a.pth"},
        {"name": "resnet18", "checksum": "0" * 64, "file": "../a.pth"},
        {"name": "resnet18", "checksum": "0" * 64, "file": 3},
    ],
)
def test_an_identity_names_no_path_and_has_a_whole_checksum(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no network|not the name"):
        Identity(**told)


def test_weights_of_another_network_are_refused_in_one_line(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        prepare("squeezenet1_0", weights)
    line = str(caught.value)
    assert "\n" not in line
    assert "weights are missing, such as features." in line
    assert "that squeezenet1_0 has not, such as features." in line
    assert "features.0.weight is 64 x 3 x 3 x 3, not 96 x 3 x 7 x 7" in line
    wide = drawn(NAME)
    wide["features.0.weight"] = torch.zeros(64, 1, 3, 3)
    torch.save(wide, tmp_path / "grey.pth")
    with pytest.raises(WeightsError, match=r"squeezenet1_1: features.0.weight is 64 x 1 x 3 x 3, not 64 x 3"):
        prepare(NAME, tmp_path / "grey.pth")


def test_any_state_dict_will_do_whatever_its_classes_and_its_wrapping(weights: Path, tmp_path: Path) -> None:
    state = {f"module.{key}": value for key, value in drawn(NAME).items()}
    state["module.classifier.1.weight"] = torch.zeros(4, 512, 1, 1)
    torch.save({"epoch": 5, "state_dict": state}, tmp_path / "own.pth")
    pictures = torch.rand(1, 3, 112, 112)
    own, other = (make(NAME, path).network(pictures) for path in (tmp_path / "own.pth", weights))
    assert torch.equal(own, other)


def test_what_helped_googlenet_to_learn_is_left_out(tmp_path: Path) -> None:
    made = make("googlenet", saved("googlenet", tmp_path / "googlenet.pth"))
    assert made.network(torch.rand(1, 3, 112, 112)).shape == (1, 1024)


def test_weights_that_give_no_numbers_are_refused(tmp_path: Path) -> None:
    state = drawn(NAME)
    state["features.0.weight"].fill_(float("nan"))
    torch.save(state, tmp_path / "nan.pth")
    with pytest.raises(WeightsError, match="does not run right"):
        prepare(NAME, tmp_path / "nan.pth")
