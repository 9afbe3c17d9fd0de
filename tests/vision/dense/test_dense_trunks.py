"""Any backbone as maps at strides: the contract that all of them keep."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from everyframe.errors import SettingError, WeightsError
from everyframe.vision.backbones import operators
from everyframe.vision.dense.trunks import trunk

TINY = "small/8,8,8,8/1,1,1,1"
NAMES = ("alexnet", "vgg11", "googlenet", "resnet18", "timm/resnet18", TINY)


@pytest.mark.parametrize("stride", [32, 16, 8])
@pytest.mark.parametrize("name", NAMES)
def test_every_backbone_gives_maps_at_its_strides(name: str, stride: int) -> None:
    made = trunk(name, stride).eval()
    with torch.inference_mode():
        maps = made(torch.zeros(1, 3, 96, 128))
    assert made.strides[-1] == stride
    assert [tuple(one.shape[:2]) for one in maps] == [(1, width) for width in made.widths]
    for one, steps in zip(maps, made.strides, strict=True):
        # AlexNet's first layers lose a cell at the border.
        assert abs(one.shape[2] - 96 / steps) <= 1
        assert abs(one.shape[3] - 128 / steps) <= 1


def test_spread_convolutions_see_what_strided_ones_saw() -> None:
    """At the cells that both grids have, a spread trunk says what the strided one says (DeepLab, 2018)."""
    torch.manual_seed(3)
    coarse, fine = trunk("resnet18", 32).eval(), trunk("resnet18", 8).eval()
    fine.load_state_dict(coarse.state_dict())
    picture = torch.rand(1, 3, 320, 320)
    with torch.inference_mode():
        one, other = coarse(picture)[-1], fine(picture)[-1][:, :, ::4, ::4]
    # Away from the borders, which padding reaches.
    assert torch.allclose(one[:, :, 4:6, 4:6], other[:, :, 4:6, 4:6], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet18", "googlenet", TINY])
def test_weights_are_taken_from_a_file(name: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    if name == TINY:
        from everyframe.vision.small import Small

        state = Small((8, 8, 8, 8), (1, 1, 1, 1)).state_dict()
        first = "stages.0.stem.0.weight"
    else:
        options = {"init_weights": False} if name == "googlenet" else {}
        state = operators.torchvision().models.get_model(name, weights=None, **options).state_dict()
        first = "stages.0.0.0.weight" if name == "resnet18" else "stages.0.0.conv.weight"
    torch.save(state, tmp_path / "weights.pth")
    found = trunk(name, 32, tmp_path / "weights.pth").state_dict()
    given = next(value for value in state.values() if value.ndim == 4)
    assert any(torch.equal(value, given) for value in found.values()), first


def test_published_weights_see_pictures_as_they_were_trained_on(tmp_path: Path) -> None:
    """GoogLeNet's came from a library that has pictures from -1 to 1; begun from chance it has ImageNet's."""
    model = operators.torchvision().models.googlenet(weights=None, init_weights=False)
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    assert trunk("googlenet", 32, tmp_path / "weights.pth").mean == (127.5, 127.5, 127.5)
    assert trunk("googlenet").mean == pytest.approx((123.675, 116.28, 103.53))


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save(operators.torchvision().models.resnet34(weights=None).state_dict(), tmp_path / "other.pth")
    for name in ("resnet18", TINY, "timm/resnet18"):
        with pytest.raises(WeightsError, match=r"other.pth does not fit"):
            trunk(name, 32, tmp_path / "other.pth")


@pytest.mark.parametrize(
    ("name", "stride", "message"),
    [
        ("resnet19", 32, "there is no backbone 'resnet19'"),
        ("small/8,8", 32, "is no small backbone: give 4 widths and as many depths"),
        ("small/a,b,c,d/1,1,1,1", 32, "is no small backbone"),
        ("small", 4, "the output stride is 4; choose 32, 16 or 8"),
        ("timm/vit_tiny_patch16_224", 8, "choose"),
        ("vit_b_16", 32, "there is no backbone 'vit_b_16'"),
    ],
)
def test_what_is_no_trunk_is_refused(name: str, stride: int, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        trunk(name, stride)
