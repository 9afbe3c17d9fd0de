"""A network in few boxes: parts closed at some depth, what is repeated told once, small steps joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from everyframe.vision.inside.graph import INPUT, Graph, Layer

_MANY = 30  # boxes that a page takes
_SMALL = tuple(
    """norm norm1d norm2d normalization relu relu6 silu gelu sigmoid swish activation act clip dropout tanh
    elu""".split()  # noqa: SIM905 - one a line would be a page
)

Path = tuple[str, ...]


@dataclass(slots=True)
class Box:
    """One or more layers.

    Attributes:
        path: Of the part, or of its first layer.
        kind: Of the part or layer.
        detail: In short, what else there is to say.
        layers: In the order in which they run; of the first, where it is repeated.
        last: Whose output this is.
        count: How often it stands one after the other.
        inputs: Numbers of other boxes.
        frames: What repeated parts it lies in, from the outermost.
        parameters: Of all repetitions.
        multiply_adds: Of all repetitions.
    """

    path: Path
    kind: str
    detail: str
    layers: list[Layer]
    last: Layer
    count: int = 1
    inputs: list[int] = field(default_factory=list)
    frames: tuple[Path, ...] = ()
    parameters: int = 0
    multiply_adds: int = 0

    @property
    def name(self) -> str:
        """Its path, for people; of several, those of the first and the last."""
        name = ".".join(self.path)
        last = self.path[-1]
        return f"{name}–{int(last) + self.count - 1}" if self.count > 1 and last.isdigit() else name


@dataclass(slots=True)
class Cut:
    """Boxes, and how often the frames around some of them are repeated.

    Attributes:
        boxes: In the order in which they run.
        repeats: Of frames, by their paths: how often, and of what kind.
    """

    boxes: list[Box]
    repeats: dict[Path, tuple[int, str]]


def fitting(graph: Graph) -> int:
    """Return the greatest depth whose boxes fit a page."""
    deepest = max(len(_homes(graph, layer)) for layer in graph.layers)
    fits = [depth for depth in range(1, deepest + 1) if len(cut(graph, depth).boxes) <= _MANY]
    return max(fits, default=1)


def cut(graph: Graph, depth: int) -> Cut:
    """Return a network as boxes, with its parts opened down to a depth from 1."""
    homes = [_homes(graph, layer)[:depth] for layer in graph.layers]
    stands = list(range(len(graph.layers)))  # for which layer of the first repetition each stands
    repeats: dict[Path, tuple[int, str]] = {}
    for level in range(1, depth + 1):
        _find_repeats(graph, homes, level, stands, repeats)
    boxes: list[Box] = []
    where: dict[int, int] = {}
    before: Path = ()
    for number, (layer, home) in enumerate(zip(graph.layers, homes, strict=True)):
        if stands[number] != number:
            box = boxes[where[stands[number]]]
            inside = any(one in repeats and one != home[-1] for one in box.frames)
            if not inside:
                box.last = layer
                box.parameters += layer.parameters
                box.multiply_adds += layer.multiply_adds
            where[number] = where[stands[number]]
            continue
        if home[-1] != before:
            part = home[-1] != layer.path
            kind = graph.kinds.get(home[-1], "block") if part else layer.kind
            detail = "" if part else layer.detail
            frames = tuple(one for one in home[:-1] if one in repeats)
            count = repeats.get(home[-1], (1, ""))[0]
            boxes.append(Box(home[-1], kind, detail, [], layer, count, [], frames))
            before = home[-1]
        box = boxes[-1]
        where[number] = len(boxes) - 1
        box.layers.append(layer)
        box.last = layer
        box.parameters += layer.parameters
        box.multiply_adds += layer.multiply_adds
        for one in layer.inputs:
            given = where[one]
            if given != where[number] and given not in box.inputs:
                box.inputs.append(given)
    framed = {frame for box in boxes for frame in box.frames}
    return Cut(_with_small_ones(boxes), {path: told for path, told in repeats.items() if path in framed})


def _homes(graph: Graph, layer: Layer) -> list[Path]:
    """Return the parts that a layer lies in, from the outermost, then itself."""
    parts = [layer.path[:depth] for depth in range(1, len(layer.path)) if layer.path[:depth] in graph.kinds]
    return [*parts, layer.path]


def _find_repeats(
    graph: Graph,
    homes: Sequence[list[Path]],
    level: int,
    stands: list[int],
    repeats: dict[Path, tuple[int, str]],
) -> None:
    """Find parts at a level that are followed by the very same."""
    runs: list[tuple[Path, list[int]]] = []
    for number, home in enumerate(homes):
        if len(home) < level or stands[number] != number:
            continue
        key = home[level - 1]
        if runs and runs[-1][0] == key and runs[-1][1][-1] == number - 1:
            runs[-1][1].append(number)
        else:
            runs.append((key, [number]))
    first: tuple[Path, list[int]] | None = None
    last: list[int] = []
    for key, numbers in runs:
        part = len(numbers) > 1 and key in graph.kinds
        if first and part and _same(graph, first[1], numbers) and _follows(graph, last, numbers):
            for one, other in zip(first[1], numbers, strict=True):
                stands[other] = one
            repeats[first[0]] = (repeats.get(first[0], (1, ""))[0] + 1, graph.kinds[key])
        else:
            first = (key, numbers) if part else None
        last = numbers


def _same(graph: Graph, one: list[int], other: list[int]) -> bool:
    return len(one) == len(other) and all(
        _mark(graph.layers[a], one[0]) == _mark(graph.layers[b], other[0])
        for a, b in zip(one, other, strict=True)
    )


def _mark(layer: Layer, begin: int) -> object:
    inputs = tuple(one - begin if one >= begin else -1 for one in layer.inputs)
    return layer.kind, layer.detail, layer.shape, layer.parameters, layer.multiply_adds, inputs


def _follows(graph: Graph, one: list[int], other: list[int]) -> bool:
    """Return whether all that a part takes is what the part before it gives."""
    given = {number for layer in other for number in graph.layers[layer].inputs if number not in other}
    return given == {one[-1]}


def _with_small_ones(boxes: list[Box]) -> list[Box]:
    """Put norms and activations into the box of the layer that they follow."""
    takers: dict[int, int] = {}
    for box in boxes:
        for one in box.inputs:
            takers[one] = takers.get(one, 0) + 1
    kept: list[Box] = []
    where: dict[int, int] = {}
    for number, box in enumerate(boxes):
        giver = box.inputs[0] if len(box.inputs) == 1 else None
        into = kept[where[giver]] if giver is not None else None
        if (
            into is not None
            and giver is not None
            and takers[giver] == 1
            and len(box.layers) == 1
            and box.kind.lower().replace("_", "").endswith(_SMALL)
            and into.kind != INPUT
            and _simple(into)
            and into.frames == box.frames
        ):
            into.layers += box.layers
            into.last = box.last
            into.parameters += box.parameters
            into.multiply_adds += box.multiply_adds
            into.detail = " · ".join(filter(None, (into.detail, _short(box.kind))))
            where[number] = where[giver]
            continue
        box.inputs = list(dict.fromkeys(where[one] for one in box.inputs))
        where[number] = len(kept)
        kept.append(box)
    return kept


def _simple(box: Box) -> bool:
    return box.layers[0].path == box.path and box.count == 1


def _short(kind: str) -> str:
    low = kind.lower()
    return "norm" if "norm" in low else low
