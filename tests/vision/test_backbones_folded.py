from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from everyframe.errors import WeightsError

pytest.importorskip("torch")
pytest.importorskip("onnx")

import onnx
import torch

from everyframe.vision.backbones.folded import read_folded
from everyframe.vision.classify.networks import make
from everyframe.vision.small import Small

NAME = "small/8,8,16,16/1,2,1,1"


class Whole(torch.nn.Module):
    """A network with the small one inside, and more besides."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = torch.nn.ModuleList([Small((8, 8, 16, 16), (1, 2, 1, 1))])
        self.score = torch.nn.Sequential(torch.nn.Conv2d(16, 3, 1), torch.nn.BatchNorm2d(3))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.score(self.trunk[0](pictures)[-1])
        return found


@pytest.fixture(scope="module")
def whole() -> Whole:
    torch.manual_seed(3)
    network = Whole()
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            for values in (part.bias, part.running_mean):
                assert values is not None
                torch.nn.init.normal_(values, 0.0, 0.2)
    network.eval()
    return network


@pytest.fixture(scope="module")
def model(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own future
        example = (torch.zeros(1, 3, 64, 64),)
        torch.onnx.export(whole, example, data, opset_version=17, dynamo=False)  # type: ignore[arg-type]
    path = tmp_path_factory.mktemp("model") / "whole.onnx"
    path.write_bytes(data.getvalue())
    assert "BatchNormalization" not in {node.op_type for node in onnx.load(path).graph.node}
    return path


def features(whole: Whole, pictures: torch.Tensor) -> torch.Tensor:
    mean, spread = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    seen = (pictures / 255.0 - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(spread).view(3, 1, 1)
    found: torch.Tensor = whole.trunk[0](seen)[-1].mean(dim=(2, 3))
    return found


@pytest.mark.parametrize("numbers", ["floats", "whole numbers"])
def test_the_small_network_comes_out_of_a_model_as_it_went_in(
    numbers: str, whole: Whole, model: Path, tmp_path: Path
) -> None:
    path = model
    if numbers == "whole numbers":
        path = quantised(model, tmp_path / "int8.onnx")
    ours = make(NAME, 2, path).eval()
    pictures = torch.randint(0, 256, (4, 3, 64, 80), dtype=torch.uint8)
    with torch.inference_mode():
        found, expected = ours.features(pictures), features(whole, pictures)
    assert expected.std() > 1e-2
    apart = float((found - expected).abs().max() / expected.abs().max())
    assert apart < (1e-4 if numbers == "floats" else 0.05)
    if numbers != "floats":
        assert apart > 1e-5  # or it was never made whole numbers


def quantised(model: Path, path: Path) -> Path:
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    class Some(CalibrationDataReader):  # type: ignore[misc]  # it ships no types
        def __init__(self) -> None:
            chance = np.random.default_rng(0)
            name = onnx.load(model).graph.input[0].name
            self.left = [{name: chance.normal(size=(1, 3, 64, 64)).astype(np.float32)} for _ in range(3)]

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return self.left.pop() if self.left else None

    quantize_static(model, path, Some(), quant_format=QuantFormat.QDQ, per_channel=True)
    return path


def test_other_files_are_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("text")
    (tmp_path / "cut.onnx").write_bytes(model.read_bytes()[:3000])
    for name in ("text", "cut"):
        with pytest.raises(WeightsError, match=f"{name}.onnx is damaged, or no ONNX model"):
            read_folded(tmp_path / f"{name}.onnx")
    with pytest.raises(WeightsError, match="cannot be read"):
        read_folded(tmp_path / "none.onnx")
    with pytest.raises(WeightsError, match="does not fit small/8,8,16,24/1,2,1,1"):
        make("small/8,8,16,24/1,2,1,1", 2, model)
    nothing = onnx.helper.make_model(onnx.helper.make_graph([], "nothing", [], []))
    onnx.save(nothing, tmp_path / "nothing.onnx")
    with pytest.raises(WeightsError, match="has no convolution"):
        read_folded(tmp_path / "nothing.onnx")
