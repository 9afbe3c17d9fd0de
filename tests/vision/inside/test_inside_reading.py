"""ONNX files, against the modules that they are made of."""

from __future__ import annotations

import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from everyframe.errors import SettingError, WeightsError
from everyframe.vision.inside import architecture, count, graph_of, reach

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
nn = torch.nn


class Fused(nn.Module):  # type: ignore[name-defined,misc]
    """A skip, a learned and a fixed way up, a cut to the size of what was given, a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.MaxPool2d(2))
        self.deep = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU())
        self.up = nn.ConvTranspose2d(12, 8, 4, 2, 1)
        self.last = nn.Conv2d(8, 5, 1)

    def forward(self, pictures: Any) -> Any:
        fine = self.see(nn.functional.pad(pictures, (2, 2, 2, 2)))
        coarse = self.up(self.deep(fine))[:, :, : fine.shape[2], : fine.shape[3]]
        scores = self.last(fine + coarse)
        return nn.functional.interpolate(scores, pictures.shape[2:], mode="bilinear", align_corners=False)


def exported(network: Any, path: Path, shape: tuple[int, ...] = (1, 3, 64, 64)) -> Path:
    torch.manual_seed(0)
    for weights in network.parameters():  # exporters keep equal ones once
        nn.init.normal_(weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own future
        torch.onnx.export(
            network.eval(),
            (torch.zeros(shape),),
            path,
            input_names=["pictures"],
            dynamic_axes={"pictures": {0: "n", 2: "h", 3: "w"}},
            opset_version=17,
            dynamo=False,
        )
    return path


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (50, 70)])
def test_a_file_says_what_its_module_says(size: tuple[int, int], tmp_path: Path) -> None:
    network = Fused()
    path = exported(network, tmp_path / "fused.onnx")
    read, traced = graph_of(path, size), graph_of(network, size)
    assert read.size == traced.size == size
    assert count(path, size)[1] == count(network, size)[1] > 0
    # The norm is folded into the convolution before it, whose bias takes the place of its two numbers.
    assert traced.parameters - read.parameters == 12
    ends = [graph.layers[graph.outputs[0]] for graph in (read, traced)]
    assert ends[0].shape == ends[1].shape == (1, 5, *size)
    assert ends[0].field == ends[1].field
    assert ends[0].stride == ends[1].stride
    kinds = ("Conv", "ConvTranspose", "MaxPool")
    seen = [
        [
            (one.field, one.stride, one.shape, one.multiply_adds)
            for one in graph.layers
            if one.kind[:7] in names
        ]
        for graph, names in ((read, [kind[:7] for kind in kinds]), (traced, ["Conv2d", "ConvTra", "MaxPool"]))
    ]
    assert sorted(map(repr, seen[0])) == sorted(map(repr, seen[1]))
    assert reach(path, size) == reach(network, size) > 0


def test_parts_are_known_by_the_names_of_nodes(tmp_path: Path) -> None:
    graph = graph_of(exported(Fused(), tmp_path / "fused.onnx"), (64, 64))
    paths = [layer.path for layer in graph.layers]
    assert len(set(paths)) == len(paths)
    assert ("see", "0") in paths
    assert ("see",) in graph.kinds


def node(kind: str, inputs: list[str], output: str, **told: Any) -> Any:
    return onnx.helper.make_node(kind, inputs, [output], **told)


def file_of(
    nodes: list[Any], path: Path, given: list[Any], weights: dict[str, Any], dimensions: int = 4
) -> Path:
    tensors = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "made",
        [onnx.helper.make_tensor_value_info("pictures", kind, given)],
        [onnx.helper.make_tensor_value_info("out", kind, [None] * dimensions)],
        tensors,
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, path)
    return path


def test_padding_that_keeps_sizes_begins_where_it_should(tmp_path: Path) -> None:
    weights = {"w": np.ones((2, 3, 4, 4), np.float32)}
    told = {"strides": [2, 2], "kernel_shape": [4, 4]}
    starts = []
    for auto in ("SAME_UPPER", "SAME_LOWER"):
        nodes = [node("Conv", ["pictures", "w"], "out", auto_pad=auto, **told)]
        graph = graph_of(file_of(nodes, tmp_path / "same.onnx", [1, 3, 9, 9], weights), (9, 9))
        last = graph.layers[-1]
        assert (last.field, last.shape) == ((4, 4), (1, 2, 5, 5))
        assert last.sight is not None
        field = last.sight[0].field
        assert field is not None
        starts.append(int(field.first[0]))
    assert starts == [-1, -2]  # three are missing: the odd one is put below, or above


def test_channels_last_and_back(tmp_path: Path) -> None:
    nodes = [
        node("Transpose", ["pictures"], "moved", perm=[0, 3, 1, 2]),
        node("Conv", ["moved", "w"], "seen", strides=[2, 1], kernel_shape=[3, 5]),
        node("Slice", ["seen", "begin", "end", "axes"], "cut"),
        node("ReduceMean", ["cut"], "out", axes=[1], keepdims=0),
    ]
    weights = {
        "w": np.ones((2, 3, 3, 5), np.float32),
        "begin": np.array([2]),
        "end": np.array([99]),
        "axes": np.array([3]),
    }
    graph = graph_of(file_of(nodes, tmp_path / "last.onnx", ["n", "h", "w", 3], weights, 3), (33, 40))
    last = graph.layers[-1]
    assert graph.size == (33, 40)
    assert last.shape == (1, 16, 34)
    assert last.field == (3, 5)
    assert last.stride == (Fraction(2), Fraction(1))
    assert not last.whole
    assert last.sight is not None
    assert [int(side.field.first[0]) for side in last.sight if side.field] == [0, 2]
    assert graph.parameters == 90


def test_what_ships_is_read_by_name() -> None:
    found = architecture("street")
    assert found.graph.size == (360, 480)
    assert found.layers[-1].stride == (Fraction(1), Fraction(1))
    assert found.graph.reach > 100
    assert not found.layers[-1].whole


def test_what_is_no_onnx_file_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "given.onnx"
    with pytest.raises(WeightsError, match="cannot be read"):
        architecture(path)
    path.write_text("not a network at all")
    with pytest.raises(WeightsError, match="no ONNX file"):
        architecture(str(path))
    whole = exported(Fused(), path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="damaged"):
        architecture(path)


def test_a_size_that_a_network_does_not_take_is_said(tmp_path: Path) -> None:
    path = exported(nn.Conv2d(3, 3, 5), tmp_path / "bare.onnx")
    with pytest.raises(SettingError, match="another"):
        architecture(path, size=(1, 1))
    with pytest.raises(SettingError, match="takes no picture of 1 x 1 pixels"):
        architecture(nn.Conv2d(3, 3, 5), size=(1, 1))
    with pytest.raises(SettingError, match="sides are from 1"):
        architecture(path, size=(0, 5))
    with pytest.raises(SettingError, match="--backbone"):
        architecture(path, backbone="resnet18")
