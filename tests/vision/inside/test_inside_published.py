"""What is known of published networks."""

from __future__ import annotations

from typing import Any

import pytest

from everyframe.vision.backbones import operators
from everyframe.vision.inside import count, graph_of
from everyframe.vision.inside.graph import Layer

torch = pytest.importorskip("torch")
if not operators.installed():
    pytest.skip("torchvision is not installed", allow_module_level=True)

MODELS = operators.torchvision().models


@pytest.mark.parametrize(
    ("name", "layer", "pixels"),
    [
        ("alexnet", "features.12", 195),
        ("vgg16", "features.28", 196),
        ("vgg16", "features.30", 212),
        ("resnet18", "layer4", 435),
        ("resnet50", "layer4", 427),
    ],
)
def test_fields_are_as_published(name: str, layer: str, pixels: int) -> None:
    last = last_of(built(name), layer)
    assert last.field == (pixels, pixels)
    assert not last.whole


@pytest.mark.parametrize(("name", "pixels"), [("resnet50", 483), ("resnet101", 1027), ("resnet152", 1507)])
def test_residual_networks_as_first_published(name: str, pixels: int) -> None:
    """Araujo, Norris and Sim's figures; torchvision steps in the second convolution, not in the first."""
    network = built(name)
    for stage in (network.layer2, network.layer3, network.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    assert last_of(network, "layer4").field == (pixels, pixels)


def built(name: str) -> Any:
    with torch.device("meta"):  # nothing is drawn
        return MODELS.get_model(name, weights=None)


def last_of(network: Any, layer: str) -> Layer:
    layers = graph_of(network, (224, 224)).layers
    return next(one for one in reversed(layers) if ".".join(one.path).startswith(layer))


def test_parameters_and_multiply_adds_are_as_published() -> None:
    network = MODELS.resnet18(weights=None)
    assert count(network, (224, 224)) == (11_689_512, 1_814_073_344)
    assert all(not weights.is_meta for weights in network.parameters())
    assert network.training
