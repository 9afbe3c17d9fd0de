"""Taking strides out of a trained trunk: atrous convolutions see as far, on a finer grid."""

from __future__ import annotations

from torch import nn


def dilate(stage: nn.Module, rate: int) -> None:
    """Take the strides out of a stage, and spread its convolutions by a rate instead.

    Chen et al., "DeepLab: semantic image segmentation with deep convolutional nets, atrous convolution, and
    fully connected CRFs" (TPAMI 2018): weights stay what they are, and see what they saw.

    Args:
        stage: Convolutions, with whatever lies between.
        rate: How much coarser than the new grid the old one was; a power of two.
    """
    for part in stage.modules():
        if isinstance(part, nn.Conv2d):
            # What made the grid coarser still lies on the one before.
            _spread(part, rate // 2 if part.stride != (1, 1) else rate)
        elif isinstance(part, nn.MaxPool2d):
            size = part.kernel_size if isinstance(part.kernel_size, int) else part.kernel_size[0]
            own = rate // 2 if part.stride != 1 else rate
            # It looks at all of where it looked at some before: spread pools cannot be padded. Of stride 1 it
            # has to be of odd size to leave the grid where it is.
            wide = (size - size % 2) * own + 1
            part.kernel_size, part.stride, part.padding, part.ceil_mode = wide, 1, wide // 2, False


def _spread(layer: nn.Conv2d, rate: int) -> None:
    layer.stride = (1, 1)
    height, width = layer.kernel_size
    if (height, width) != (1, 1):
        layer.dilation = (rate, rate)
        layer.padding = (height // 2 * rate, width // 2 * rate)
