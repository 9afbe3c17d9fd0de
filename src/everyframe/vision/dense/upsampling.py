"""From a coarse map to a finer one: fixed bilinear, learned, or resized and convolved."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from everyframe.errors import SettingError

UPSAMPLINGS = ("bilinear", "learned", "resize")


def upsampling(kind: str, channels: int, factor: int) -> nn.Module:
    """Return what makes maps ``(N, channels, h, w)`` finer by a factor, a power of two or 1.

    Args:
        kind: ``bilinear`` interpolates and learns nothing; ``learned`` is a transposed convolution of every
            channel that begins as the bilinear one (Long, Shelhamer and Darrell, CVPR 2015); ``resize``
            repeats pixels and then convolves them, which leaves no checkerboard (Odena, Dumoulin and Olah,
            "Deconvolution and checkerboard artifacts", Distill 2016).
        channels: Of the maps.
        factor: How many times finer.

    Raises:
        SettingError: There is no such kind.
    """
    if kind not in UPSAMPLINGS:
        raise SettingError(f"upsampling is {kind!r}; choose one of {', '.join(UPSAMPLINGS)}")
    if factor == 1:
        return nn.Identity()
    if kind == "bilinear":
        return nn.Upsample(scale_factor=factor, mode="bilinear", align_corners=False)
    if kind == "learned":
        return _Learned(channels, factor)
    return nn.Sequential(nn.Upsample(scale_factor=factor, mode="nearest"), _smoothing(channels))


class _Learned(nn.ConvTranspose2d):
    def __init__(self, channels: int, factor: int) -> None:
        super().__init__(
            channels, channels, 2 * factor, stride=factor, padding=factor // 2, groups=channels, bias=False
        )
        with torch.no_grad():
            self.weight.copy_(bilinear_kernel(factor).expand_as(self.weight))

    def forward(self, maps: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        # In half precision such a layer takes processors thirty times as long.
        with torch.autocast(maps.device.type, enabled=False):
            return super().forward(maps.float(), output_size)


def bilinear_kernel(factor: int) -> torch.Tensor:
    """Return the ``(2 factor, 2 factor)`` weights with which a transposed convolution interpolates."""
    place = torch.arange(2 * factor, dtype=torch.float32) - (factor - 0.5)
    line = 1.0 - place.abs() / factor
    return line[:, None] * line[None, :]


def _smoothing(channels: int) -> nn.Conv2d:
    """Return a convolution of every channel that begins as a mean over three by three pixels."""
    layer = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
    nn.init.constant_(layer.weight, 1.0 / 9.0)
    return layer


def fitted(maps: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Return maps in the height and width of others, interpolated where theirs differ."""
    if maps.shape[2:] == like.shape[2:]:
        return maps
    return functional.interpolate(maps, size=like.shape[2:], mode="bilinear", align_corners=False)
