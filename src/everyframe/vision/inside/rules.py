"""What each kind of operation does to what is seen of the picture, by PyTorch's names of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from everyframe.vision.inside import fields
from everyframe.vision.inside.sights import Shape, Sight, by_taps, joined, mixed, moved, reshaped

Bound = Mapping[str, Any]
"""Arguments of an operation by their names."""

Seen = Callable[[Any], Sight | None]
"""What a tensor sees; ``None`` of constants, and of what is no tensor."""

_CLOSE = 4096  # largest denominator of a scale that is told as a float


def _main(given: Bound, seen: Seen) -> tuple[Sight, Shape]:
    tensor = given["self"] if "self" in given else given["input"]
    sight = seen(tensor)
    if sight is None:  # of a constant that is mixed with what is seen
        raise LookupError
    return sight, tuple(tensor.shape)


def _many(value: Any, number: int) -> list[int]:
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    return [int(one) for one in (found * number if len(found) == 1 else found)]


def _convolution(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    kernel = given["weight"].shape[2:]
    count = len(kernel)
    stride, before = _many(given["stride"], count), _many(given["padding"], count)
    spread = _many(given["dilation"], count)
    make = fields.transposed if given.get("transposed") else fields.window
    first = len(shape) - count
    taps = {first + i: make(int(kernel[i]), stride[i], spread[i], before[i]) for i in range(count)}
    sides = [side.gone if side.dim == first - 1 else side for side in sight]
    return by_taps((sides[0], sides[1]), shape, out, taps)


def _pool(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    count = len(_many(given["kernel_size"], 2 if len(shape) > 3 else 1))
    kernel = _many(given["kernel_size"], count)
    stride = _many(given["stride"], count) if given.get("stride") else kernel
    before, spread = _many(given["padding"], count), _many(given.get("dilation", 1), count)
    first = len(shape) - count
    return by_taps(
        sight,
        shape,
        out,
        {first + i: fields.window(kernel[i], stride[i], spread[i], before[i]) for i in range(count)},
    )


def _adaptive(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    count = len(given["output_size"])
    dims = range(len(shape) - count, len(shape))
    taps = {dim: fields.pooled(shape[dim], out[dim]) for dim in dims if out[dim] > 1}
    sides = [side.gone if side.dim in dims and side.dim not in taps else side for side in sight]
    return by_taps((sides[0], sides[1]), shape, out, taps)


def _upsample(reach: int, *, smooth: bool = False) -> Callable[[Bound, Seen, Shape], Sight]:
    def rule(given: Bound, seen: Seen, out: Shape) -> Sight:
        sight, shape = _main(given, seen)
        corners = bool(given.get("align_corners"))
        told = given.get("scale_factors") or [given.get(f"scales_{side}") for side in "hw"]
        taps = {}
        for dim, factor in zip((len(shape) - 2, len(shape) - 1), told, strict=False):
            scale = Fraction(shape[dim], out[dim])
            if corners:
                scale = Fraction(shape[dim] - 1, max(1, out[dim] - 1))
            elif factor:
                scale = (1 / Fraction(factor)).limit_denominator(_CLOSE)
            taps[dim] = fields.resized(scale, reach, corners=corners, smooth=smooth)
        return by_taps(sight, shape, out, taps)

    return rule


def _pad(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    amounts = given["pad"] if "pad" in given else given["padding"]
    taps = {len(shape) - 1 - i: fields.shifted(int(amounts[2 * i])) for i in range(len(amounts) // 2)}
    return by_taps(sight, shape, out, taps)


def _slice(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    dim = given["dim"] % len(shape)
    start = int(given["start"] or 0)
    start = max(0, start + shape[dim]) if start < 0 else min(start, shape[dim])
    return by_taps(sight, shape, out, {dim: fields.shifted(-start, int(given["step"]))})


def _without(dims: Sequence[int], sight: Sight, count: int) -> Sight:
    """Return what is seen where dimensions go."""
    return moved(sight, [dim for dim in range(count) if dim not in dims])


def _select(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return _without([given["dim"] % len(shape)], sight, len(shape))


def _squeeze(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    told = given.get("dim")
    dims = range(len(shape)) if told is None else [one % len(shape) for one in _many(told, 1)]
    return _without([dim for dim in dims if shape[dim] == 1], sight, len(shape))


def _unsqueeze(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    order = list(range(len(shape)))
    order.insert(given["dim"] % len(out), -1)
    return moved(sight, order)


def _permute(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    order = list(range(len(shape)))
    if "dims" in given:
        order = [one % len(shape) for one in given["dims"]]
    elif len(order) > 1:
        one, other = given.get("dim0", 0) % len(shape), given.get("dim1", 1) % len(shape)
        order[one], order[other] = order[other], order[one]
    return moved(sight, order)


def _view(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return reshaped(sight, shape, out)


def _split(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    dim = given["dim"] % len(shape)
    if len(out) < len(shape):  # unbound
        return _without([dim], sight, len(shape))
    rows, cols = (side.gone if side.dim == dim else side for side in sight)
    return rows, cols


def _cat(given: Bound, seen: Seen, out: Shape) -> Sight:
    parts = [(sight, tuple(one.shape)) for one in given["tensors"] if (sight := seen(one)) is not None]
    dim = given["dim"] % len(out)
    if parts and len(parts[0][1]) < len(out):  # stacked
        order = list(range(len(out) - 1))
        order.insert(dim, -1)
        parts = [(moved(sight, order), (*shape[:dim], 1, *shape[dim:])) for sight, shape in parts]
    rows, cols = (side.gone if side.dim == dim else side for side in joined(parts, out))
    return rows, cols


def _product(one: str, other: str) -> Callable[[Bound, Seen, Shape], Sight]:
    def rule(given: Bound, seen: Seen, out: Shape) -> Sight:
        left, right = given[one], given[other]
        parts = []
        for tensor, gone in ((left, left.ndim - 1), (right, right.ndim - 2)):
            sight = seen(tensor)
            if sight is not None:
                rows, cols = (side.gone if side.dim == gone else side for side in sight)
                # The other dimension is stretched to that of the product where the shapes are compared.
                shape = tuple(out[-tensor.ndim :])
                parts.append(((rows, cols), shape))
        return joined(parts, out)

    return rule


def _reduced(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    told = given.get("dim")
    everything = told is None or (isinstance(told, (list, tuple)) and not told)
    dims = list(range(len(shape))) if everything else [one % len(shape) for one in _many(told, 1)]
    rows, cols = (side.gone if side.dim in dims else side for side in sight)
    return (rows, cols) if len(out) == len(shape) else _without(dims, (rows, cols), len(shape))


def _along(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return mixed(sight, [one % len(shape) for one in _many(given["dim"], 1)])


def _layer_norm(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return mixed(sight, range(len(shape) - len(given["normalized_shape"]), len(shape)))


def _group_norm(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return mixed(sight, range(1, len(shape)))


def _batch_norm(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return mixed(sight, range(2, len(shape))) if given.get("training") else sight


def _shuffle(given: Bound, seen: Seen, out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    dims = (len(shape) - 2, len(shape) - 1)
    if "upscale_factor" in given:
        return by_taps(sight, shape, out, dict.fromkeys(dims, fields.repeated(int(given["upscale_factor"]))))
    factor = int(given["downscale_factor"])
    return by_taps(sight, shape, out, dict.fromkeys(dims, fields.window(factor, factor)))


def _roll(given: Bound, seen: Seen, _out: Shape) -> Sight:
    sight, shape = _main(given, seen)
    return mixed(sight, [one % len(shape) for one in given["dims"]] or range(len(shape)))


RULES: dict[str, Callable[[Bound, Seen, Shape], Sight]] = {
    **dict.fromkeys(("convolution", "cudnn_convolution", "convolution_overrideable"), _convolution),
    **dict.fromkeys(
        (
            "max_pool1d",
            "max_pool2d",
            "max_pool2d_with_indices",
            "max_pool3d_with_indices",
            "avg_pool2d",
            "avg_pool3d",
        ),
        _pool,
    ),
    **dict.fromkeys(("adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool2d"), _adaptive),
    "upsample_nearest2d": _upsample(0),
    "upsample_nearest_exact2d": _upsample(1),
    "upsample_bilinear2d": _upsample(1),
    "upsample_bicubic2d": _upsample(2),
    "upsample_bilinear2d_aa": _upsample(1, smooth=True),
    "upsample_bicubic2d_aa": _upsample(2, smooth=True),
    **dict.fromkeys(("constant_pad_nd", "reflection_pad2d", "replication_pad2d"), _pad),
    "slice": _slice,
    "select": _select,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    **dict.fromkeys(("permute", "transpose", "t"), _permute),
    **dict.fromkeys(("view", "unsafe_view", "reshape", "flatten", "reshape_alias"), _view),
    **dict.fromkeys(("split", "split_with_sizes", "unbind", "chunk", "unsafe_split"), _split),
    **dict.fromkeys(("cat", "stack"), _cat),
    "mm": _product("self", "mat2"),
    "bmm": _product("self", "mat2"),
    "matmul": _product("self", "other"),
    "addmm": _product("mat1", "mat2"),
    "baddbmm": _product("batch1", "batch2"),
    **dict.fromkeys(
        (
            "mean",
            "sum",
            "amax",
            "amin",
            "var",
            "std",
            "max",
            "min",
            "argmax",
            "argmin",
            "var_mean",
            "linalg_vector_norm",
        ),
        _reduced,
    ),
    **dict.fromkeys(("softmax", "log_softmax", "cumsum", "safe_softmax"), _along),
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
    **dict.fromkeys(
        (
            "native_batch_norm",
            "cudnn_batch_norm",
            "batch_norm_with_update",
            "batch_norm_no_update",
            "native_batch_norm_legit",
            "native_batch_norm_legit_no_training",
        ),
        _batch_norm,
    ),
    **dict.fromkeys(("pixel_shuffle", "pixel_unshuffle"), _shuffle),
    "roll": _roll,
}
"""What is seen behind an operation, of its arguments, what they see, and the shape of its output."""
