"""What a layer is, in short, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = {
    "constant_pad_nd": "pad",
    "reflection_pad2d": "pad",
    "replication_pad2d": "pad",
    "convolution": "conv",
    "max_pool2d_with_indices": "max_pool",
    "adaptive_avg_pool2d": "avg_pool",
    "native_batch_norm": "batch_norm",
    "native_layer_norm": "layer_norm",
    "native_group_norm": "group_norm",
    "mm": "matmul",
    "bmm": "matmul",
    "addmm": "linear",
    "baddbmm": "matmul",
}


def plain(name: str) -> str:
    """Return what people call an operation of PyTorch."""
    return "upsample" if name.startswith("upsample_") else _PLAIN.get(name, name)


def sizes(values: Sequence[int]) -> str:
    """Say sizes: ``3 x 3``."""
    return "×".join(str(value) for value in values)


def windowed(
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int] = (),
    groups: int = 1,
    sign: str = "/",
) -> str:
    """Say a window: ``3×3 /2, spread 2, 64 groups``."""
    text = sizes(kernel)
    if any(one > 1 for one in stride):
        text += f" {sign}{sizes(sorted(set(stride)))}"
    if any(one > 1 for one in dilation):
        text += f", dilated {sizes(sorted(set(dilation)))}"
    if groups > 1:
        text += f", {groups} groups"
    return text


def detail(name: str, given: Mapping[str, Any]) -> str:
    """Say the kernel of an operation of PyTorch."""
    if name == "convolution":
        kernel = list(given["weight"].shape[2:])
        sign = "×" if given["transposed"] else "/"
        return windowed(kernel, given["stride"], given["dilation"], given["groups"], sign)
    if "kernel_size" in given:
        kernel = _pair(given["kernel_size"])
        return windowed(kernel, _pair(given["stride"]) if given.get("stride") else kernel)
    if name.startswith("upsample_"):
        return "bilinear" if "bilinear" in name else "cubic" if "bicubic" in name else "nearest"
    return ""


def _pair(value: Any) -> list[int]:
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    return [int(one) for one in (found * 2 if len(found) == 1 else found)]
