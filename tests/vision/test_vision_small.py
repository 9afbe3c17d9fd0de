import pytest
import torch

from everyframe.vision.small import STRIDES, Small


@pytest.mark.parametrize(("height", "width"), [(64, 96), (65, 33)])
def test_maps_are_at_the_strides_that_it_tells(height: int, width: int) -> None:
    network = Small().eval()
    with torch.no_grad():
        maps = network(torch.randn(2, 3, height, width))
    expected = [
        (2, wide, -(-height // stride), -(-width // stride))
        for wide, stride in zip(network.widths, STRIDES, strict=True)
    ]
    assert [tuple(one.shape) for one in maps] == expected


def test_it_is_small() -> None:
    assert 1e6 < sum(one.numel() for one in Small().parameters()) < 3e6


def test_everything_learns() -> None:
    torch.manual_seed(0)
    network = Small((8, 8, 8, 8), (1, 1, 1, 2))
    rate = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(2):  # in the first step what lies before a normalisation that is nothing does not move
        rate.zero_grad()
        network(torch.randn(4, 3, 64, 64))[-1].square().mean().backward()
        rate.step()
    assert all(one.grad is not None and bool(one.grad.abs().max() > 0) for one in network.parameters())


@pytest.mark.parametrize("widths", [(8, 8, 8), (0, 8, 8, 8)])
def test_other_shapes_are_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="4 widths"):
        Small(widths)
