from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.vision.classify.drawn import TINY

from everyframe.errors import SettingError, WeightsError
from everyframe.vision.backbones import operators

torch = pytest.importorskip("torch")
if not operators.installed():
    pytest.skip("torchvision is not installed", allow_module_level=True)

from safetensors.torch import save_file  # noqa: E402

from everyframe.vision.backbones.loading import check_name  # noqa: E402
from everyframe.vision.classify.networks import make  # noqa: E402

MEAN, SPREAD = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))


def alive(network: Any) -> Any:
    """Give weights at random that do not let everything vanish."""
    torch.manual_seed(7)
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
        elif isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.running_mean, 0.0, 0.05)
    return network.eval()


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1", "googlenet", "shufflenet_v2_x0_5"])
def test_the_means_of_the_maps_are_what_torchvision_says(name: str, tmp_path: Path) -> None:
    options = {"init_weights": False, "transform_input": True} if name == "googlenet" else {}
    theirs = alive(operators.torchvision().models.get_model(name, weights=None, **options))
    torch.save(theirs.state_dict(), tmp_path / "some.pth")
    ours = make(name, 3, tmp_path / "some.pth").eval()
    pictures = torch.randint(0, 256, (2, 3, 96, 80), dtype=torch.uint8)
    seen = (pictures / 255.0 - MEAN.view(3, 1, 1)) / SPREAD.view(3, 1, 1)
    with torch.inference_mode():
        if name == "squeezenet1_1":
            expected = theirs.features(seen).mean((2, 3))
        else:
            theirs.fc = torch.nn.Identity()
            expected = theirs(seen)
        found = ours.features(pictures)
        assert tuple(ours(pictures).shape) == (2, 3)
    assert found.shape[1] == ours.width
    assert expected.std() > 1e-3
    assert torch.allclose(found, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


@pytest.mark.parametrize(
    "name", ["alexnet", "densenet121", "mobilenet_v3_small", "mnasnet0_5", "regnet_y_400mf"]
)
def test_all_kinds_give_maps(name: str) -> None:
    network = make(name, 2).eval()
    with torch.inference_mode():
        maps = network.maps(torch.randint(0, 256, (1, 3, 128, 96), dtype=torch.uint8))
    assert maps.ndim == 4
    assert maps.shape[1] == network.width
    assert maps.shape[2] > 1
    assert network.first().in_channels == 3


@pytest.mark.parametrize("name", ["timm/test_vit", "timm/test_efficientnet", "timm/test_mambaout"])
def test_timm_gives_maps_whatever_it_has_inside(name: str) -> None:
    network = make(name, 2).eval()
    side = network.side or 96
    with torch.inference_mode():
        maps = network.maps(torch.randint(0, 256, (2, 3, side, side), dtype=torch.uint8))
    assert maps.ndim == 4
    assert maps.shape[:2] == (2, network.width)
    assert maps.shape[2] == maps.shape[3] > 1


def test_weights_of_timm_and_of_safetensors(tmp_path: Path) -> None:
    theirs = alive(operators.timm().create_model("test_efficientnet", pretrained=False))
    save_file(theirs.state_dict(), tmp_path / "own.safetensors")
    ours = make("timm/test_efficientnet", 2, tmp_path / "own.safetensors").eval()
    pictures = torch.randint(0, 256, (2, 3, 96, 96), dtype=torch.uint8)
    told = theirs.pretrained_cfg
    mean, spread = (torch.tensor(told[key]).view(3, 1, 1) for key in ("mean", "std"))
    with torch.inference_mode():
        expected = theirs.forward_head(
            theirs.forward_features((pictures / 255.0 - mean) / spread), pre_logits=True
        )
        assert torch.allclose(ours.features(pictures), expected, rtol=1e-4, atol=1e-4)


def by_the_port(name: str) -> str:
    """Return what the port calls one of timm's layers of EfficientNet-Lite0; blocks keep their numbers."""
    ours = ["conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"]
    theirs = ["_expand_conv", "_bn0", "_depthwise_conv", "_bn1", "_project_conv", "_bn2"]
    if name.startswith("blocks.0."):
        ours, theirs = ["conv_dw", "bn1", "conv_pw", "bn2"], theirs[2:]
    elif not name.startswith("blocks."):
        ours = ["conv_stem", "bn1", "conv_head", "bn2", "classifier"]
        theirs = ["_conv_stem", "_bn0", "_conv_head", "_bn1", "_fc"]
    head, _, kind = name.rpartition(".")
    before, _, layer = head.rpartition(".")
    return f"{before}.{theirs[ours.index(layer)]}.{kind}".lstrip(".")


def test_efficientnet_as_a_widely_used_port_names_it(tmp_path: Path) -> None:
    theirs = alive(operators.timm().create_model("tf_efficientnet_lite0", pretrained=False))
    told = {by_the_port(key): value for key, value in theirs.state_dict().items()}
    blocks = list(dict.fromkeys(re.findall(r"blocks\.\d+\.\d+", " ".join(told))))
    renamed = {}
    for key, value in told.items():
        found = re.match(r"blocks\.\d+\.\d+", key)
        number = f"_blocks.{blocks.index(found[0])}" + key[found.end() :] if found else key
        renamed[number] = value
    assert "_blocks.15._bn2.weight" in renamed
    torch.save(renamed, tmp_path / "port.pth")
    ours = make("timm/tf_efficientnet_lite0", 2, tmp_path / "port.pth").eval()
    pictures = torch.randint(0, 256, (1, 3, 96, 96), dtype=torch.uint8)
    with torch.inference_mode():
        expected = theirs.forward_features(pictures / 127.5 - 1.0).mean((2, 3))
        assert torch.allclose(ours.features(pictures), expected, rtol=1e-4, atol=1e-4)
    del renamed["_blocks.3._bn1.bias"]
    torch.save(renamed, tmp_path / "less.pth")
    with pytest.raises(WeightsError, match="does not fit timm/tf_efficientnet_lite0"):
        make("timm/tf_efficientnet_lite0", 2, tmp_path / "less.pth")


def test_the_small_one_takes_its_weights_also_from_inside_another(tmp_path: Path) -> None:
    one = make(TINY, 2)
    state = {
        f"trunk.stages.0.{key.removeprefix('network.')}": value
        for key, value in one.trunk.state_dict().items()
    }
    torch.save(state | {"classes.weight": torch.zeros(3)}, tmp_path / "whole.pth")
    other = make(TINY, 5, tmp_path / "whole.pth")
    for key, value in one.trunk.state_dict().items():
        assert torch.equal(value, other.trunk.state_dict()[key])


@pytest.mark.parametrize(
    "name", ["small/1,2/3", "small/a,b,c,d/1,1,1,1", "small/8,8,8,8/0,1,1,1", "resnet-18"]
)
def test_a_backbone_that_is_none(name: str) -> None:
    with pytest.raises(SettingError, match=re.escape(name)):
        check_name(name)


def test_weights_of_another_network(tmp_path: Path) -> None:
    torch.save(make("squeezenet1_1", 2).trunk.state_dict(), tmp_path / "other.pth")
    for name in (TINY, "resnet18", "timm/test_efficientnet"):
        with pytest.raises(WeightsError, match=f"does not fit {name}"):
            make(name, 2, tmp_path / "other.pth")
