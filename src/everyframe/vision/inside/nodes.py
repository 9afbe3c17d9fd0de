"""What the operators of ONNX do to what is seen, cost, and are called; through PyTorch's rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.inside import fields
from everyframe.vision.inside.details import windowed
from everyframe.vision.inside.rules import RULES, Bound
from everyframe.vision.inside.sights import Shape, Sight, blind, by_taps, joined


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of a file: its shape, what it sees, and what it holds where that is small and known."""

    shape: Shape
    sight: Sight | None
    held: NDArray[Any] | None

    @property
    def ndim(self) -> int:
        """How many dimensions it has."""
        return len(self.shape)


Lookup = Callable[[str], Value]

# Which inputs of the operators that multiply are what is seen, and the weights.
_CONVOLUTIONS = {"Conv": (0, 1), "ConvTranspose": (0, 1), "ConvInteger": (0, 1), "QLinearConv": (0, 3)}
_PRODUCTS = {
    "MatMul": (0, 1),
    "Gemm": (0, 1),
    "MatMulInteger": (0, 1),
    "QLinearMatMul": (0, 3),
    "QGemm": (0, 3),
    "FusedMatMul": (0, 1),
}
_POOLS = frozenset(("MaxPool", "AveragePool", "LpPool", "QLinearAveragePool"))
_MEANS = frozenset(("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "QLinearGlobalAveragePool"))
_POINTWISE = frozenset(
    """Abs Add And BatchNormalization BitShift Cast CastLike Ceil Celu Clip Cos Div Dropout Elu Equal Erf
    Exp Expand FastGelu Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu
    Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or Pow PRelu QLinearAdd QLinearLeakyRelu QLinearMul
    QLinearSigmoid QuantizeLinear DequantizeLinear DynamicQuantizeLinear QuickGelu Reciprocal Relu Round Selu
    Shrink Sigmoid Sign Sin Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor""".split()  # noqa: SIM905 - one a line would be a page
)
# Where the scales and middles of whole numbers stand, which nobody learned.
_QUANTISED = {
    "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "QLinearAdd": (1, 2, 4, 5, 6, 7),
    "QLinearMul": (1, 2, 4, 5, 6, 7),
    "QGemm": (1, 2, 4, 5, 7, 8),
    "ConvInteger": (2, 3),
    "MatMulInteger": (2, 3),
    "QuantizeLinear": (1, 2),
    "DequantizeLinear": (1, 2),
    "BatchNormalization": (3, 4),  # measured, not learned
    "Resize": (1, 2, 3),
    "Pad": (1, 2),
    "Clip": (1, 2),
}


def attributes(node: Any) -> dict[str, Any]:
    """Return what a node is told."""
    import onnx

    return {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}


def weights_of(node: Any, made_of: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the names of the weights that a node uses, without the scales of whole numbers."""
    skipped = _QUANTISED.get(node.op_type, ())
    used = [one for place, one in enumerate(node.input) if place not in skipped]
    return frozenset[str]().union(*(made_of.get(one, frozenset()) for one in used))


def multiply_adds(node: Any, value: Lookup) -> int:
    """Return the multiply-adds of a convolution or a product; 0 of others."""
    out = math.prod(value(f"{node.output[0]}").shape)
    if node.op_type in _CONVOLUTIONS:
        given, weights = (value(node.input[place]).shape for place in _CONVOLUTIONS[node.op_type])
        if not given or not weights:
            return 0
        if node.op_type == "ConvTranspose":
            return math.prod(given) * math.prod(weights[1:])
        return out * math.prod(weights[1:])
    if node.op_type in _PRODUCTS:
        given = value(node.input[0]).shape
        turned = node.op_type in ("Gemm", "QGemm") and attributes(node).get("transA")
        return out * (given[0] if turned else given[-1]) if given else 0
    if node.op_type in ("LSTM", "GRU", "RNN"):  # steps x batch x what goes in and what goes round
        steps, ways = value(node.input[0]).shape[:2], [value(one).shape for one in node.input[1:3]]
        return math.prod(steps) * sum(math.prod(way) for way in ways) if steps else 0
    return 0


def describe(node: Any, value: Lookup) -> str:
    """Say the kernel of a node, in short."""
    told = attributes(node)
    kernel = list(told.get("kernel_shape", ()))
    if node.op_type in _CONVOLUTIONS:
        kernel = kernel or list(value(node.input[_CONVOLUTIONS[node.op_type][1]]).shape[2:])
        sign = "×" if node.op_type == "ConvTranspose" else "/"
        return windowed(
            kernel, told.get("strides", ()), told.get("dilations", ()), told.get("group", 1), sign
        )
    if node.op_type in ("Resize", "Upsample"):
        return str(told.get("mode", b"nearest").decode())
    return windowed(kernel, told.get("strides", ())) if kernel else ""


def sees(node: Any, value: Lookup, out: Shape) -> Sight:
    """Return what a node's output sees, of whose inputs at least one sees something."""
    inputs = [value(one) for one in node.input if one]
    known = [(one.sight, one.shape) for one in inputs if one.sight is not None]
    if not out or not all(shape for _, shape in known):
        return blind(known[0][0])
    if node.op_type in _POINTWISE:
        return joined(known, out)
    if node.op_type in ("Resize", "Upsample"):
        return _resized(node, inputs[0], out)
    if node.op_type == "Slice":
        return _cut(node, inputs, out)
    told = _bound(node, [value(one) for one in node.input])
    if told is None:
        return blind(known[0][0])
    rule, given = told
    try:
        return RULES[rule](given, lambda one: getattr(one, "sight", None), out)
    except LookupError:
        return blind(known[0][0])


def _bound(node: Any, inputs: list[Value]) -> tuple[str, Bound] | None:
    """Return the rule of a node, and what it is told, by PyTorch's names."""
    kind, told, first = node.op_type, attributes(node), inputs[0]
    axis = int(told.get("axis", -1 if kind in ("Softmax", "LogSoftmax", "LayerNormalization") else 0))
    if kind in _CONVOLUTIONS:
        given, weights = (inputs[place] for place in _CONVOLUTIONS[kind])
        window = _window(told, given.shape, list(weights.shape[2:]))
        return "convolution", {
            "input": given,
            "weight": weights,
            "transposed": kind == "ConvTranspose",
            **window,
        }
    if kind in _POOLS:
        kernel = list(told["kernel_shape"])
        return "max_pool2d", {"self": first, "kernel_size": kernel, **_window(told, first.shape, kernel)}
    if kind in _MEANS:
        return "mean", {"self": first, "dim": list(range(2, first.ndim))}
    if kind.startswith("Reduce"):
        axes = told.get(
            "axes", inputs[1].held.tolist() if len(inputs) > 1 and inputs[1].held is not None else None
        )
        return "mean", {"self": first, "dim": axes}
    if kind in _PRODUCTS:
        one, other = (inputs[place] for place in _PRODUCTS[kind])
        return "matmul", {"self": one, "other": other}
    if kind in ("InstanceNormalization", "GroupNormalization"):
        return "native_group_norm", {"input": first}
    if kind == "LayerNormalization":
        return "native_layer_norm", {"input": first, "normalized_shape": first.shape[axis % first.ndim :]}
    if kind in ("Softmax", "LogSoftmax", "CumSum"):
        return "softmax", {"self": first, "dim": axis}
    if kind == "Transpose":
        return "permute", {"self": first, "dims": list(told.get("perm", range(first.ndim - 1, -1, -1)))}
    if kind in ("Reshape", "Flatten", "Squeeze", "Unsqueeze"):  # the order of values is as it was
        return "view", {"self": first}
    if kind in ("Concat", "QLinearConcat"):
        return "cat", {"tensors": inputs, "dim": axis}
    if kind == "Split":
        return "split", {"self": first, "dim": axis}
    if kind == "Gather":
        return "split", {"self": first, "dim": axis}
    if kind == "Pad":
        held = told.get(
            "pads", inputs[1].held.tolist() if len(inputs) > 1 and inputs[1].held is not None else None
        )
        if held is None or len(held) != 2 * first.ndim:
            return None
        return "constant_pad_nd", {
            "self": first,
            "pad": [pad for one in reversed(held[: first.ndim]) for pad in (one, 0)],
        }
    if kind in ("DepthToSpace", "SpaceToDepth"):
        side = "upscale_factor" if kind == "DepthToSpace" else "downscale_factor"
        return "pixel_shuffle", {"self": first, side: told["blocksize"]}
    return None


def _window(told: Mapping[str, Any], shape: Shape, kernel: list[int]) -> dict[str, Any]:
    count = len(kernel)
    stride = list(told.get("strides", [1] * count))
    spread = list(told.get("dilations", [1] * count))
    before = list(told.get("pads", [0] * count))[:count]
    auto = told.get("auto_pad", b"NOTSET").decode()
    if auto.startswith("SAME"):
        for i in range(count):
            size = shape[2 + i]
            whole = max(0, (-(-size // stride[i]) - 1) * stride[i] + spread[i] * (kernel[i] - 1) + 1 - size)
            before[i] = whole // 2 if auto == "SAME_UPPER" else -(-whole // 2)
    return {"stride": stride, "dilation": spread, "padding": before}


def _resized(node: Any, given: Value, out: Shape) -> Sight:
    told = attributes(node)
    assert given.sight is not None
    mode = told.get("mode", b"nearest").decode()
    way = told.get("coordinate_transformation_mode", b"half_pixel").decode()
    if node.op_type == "Upsample":
        way = "asymmetric"
    floored = way == "asymmetric" and told.get("nearest_mode", b"round_prefer_floor").decode() == "floor"
    reach = {"nearest": 0 if floored or node.op_type == "Upsample" else 1, "linear": 1}.get(mode, 2)
    corners = way in ("align_corners", "asymmetric")
    taps = {}
    for dim, (size, length) in enumerate(zip(given.shape, out, strict=True)):
        scale = Fraction(size, length)
        if way == "align_corners":
            scale = Fraction(size - 1, max(1, length - 1))
        if size != length:
            smooth = bool(told.get("antialias"))
            taps[dim] = fields.resized(scale, reach, corners=corners, smooth=smooth)
    return by_taps(given.sight, given.shape, out, taps)


def _cut(node: Any, inputs: list[Value], out: Shape) -> Sight:
    told, given = attributes(node), inputs[0]
    assert given.sight is not None
    if "starts" in told:
        starts, axes, steps = told["starts"], told.get("axes"), None
    else:
        held = [one.held for one in inputs[1:]] + [None] * 2
        starts = None if held[0] is None else np.asarray(held[0]).tolist()
        axes = None if held[2] is None else np.asarray(held[2]).tolist()
        steps = None if held[3] is None else np.asarray(held[3]).tolist()
    if starts is None or min(steps or [1]) < 1:
        return blind(given.sight)
    taps = {}
    for number, start in enumerate(starts):
        dim = int(axes[number] if axes else number) % given.ndim
        size = given.shape[dim]
        begin = max(0, start + size) if start < 0 else min(start, size)
        taps[dim] = fields.shifted(-begin, int(steps[number]) if steps else 1)
    return by_taps(given.sight, given.shape, out, taps)
