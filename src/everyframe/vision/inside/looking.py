"""A network from the inside, in one call: as a tree, as rows, and as pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everyframe.errors import SettingError
from everyframe.vision.inside.boxes import Box, cut, fitting
from everyframe.vision.inside.graph import Graph, Layer

if TYPE_CHECKING:
    from torch import nn

_SHIPPED = Path(__file__).parents[1] / "weights"
_LARGEST = 16_384  # pixels of a side


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network from the inside.

    Attributes:
        graph: Its layers.
        depth: Down to which parts within parts are opened where it is drawn or listed.
    """

    graph: Graph
    depth: int

    @property
    def name(self) -> str:
        """Of the network."""
        return self.graph.name

    @property
    def layers(self) -> list[Layer]:
        """In the order in which they run; the first stands for the picture."""
        return self.graph.layers

    @property
    def parameters(self) -> int:
        """All learned numbers."""
        return self.graph.parameters

    @property
    def multiply_adds(self) -> int:
        """Of convolutions and products of matrices, for one picture."""
        return self.graph.multiply_adds

    @property
    def boxes(self) -> list[Box]:
        """Layers and parts as they are drawn."""
        return cut(self.graph, self.depth).boxes

    @property
    def repeats(self) -> dict[tuple[str, ...], tuple[int, str]]:
        """Parts that are opened once and stand several times: how often, and of what kind, by path."""
        return cut(self.graph, self.depth).repeats

    def tree(self) -> dict[str, Any]:
        """Return the whole network as a tree of plain values; see its page."""
        from everyframe.vision.inside.tree import tree

        return tree(self.graph)

    def json(self) -> str:
        """Return the tree as JSON."""
        return json.dumps(self.tree(), ensure_ascii=False, indent=1) + "\n"

    def svg(self) -> str:
        """Return the graph as the text of an SVG file."""
        from everyframe.vision.inside.picture import draw
        from everyframe.vision.inside.svg import to_svg

        return to_svg(draw(self.graph, cut(self.graph, self.depth)))

    def png(self) -> bytes:
        """Return the graph as the bytes of a PNG file.

        Raises:
            SettingError: It would be larger than a picture can be.
        """
        from everyframe.vision.inside.picture import draw
        from everyframe.vision.inside.png import to_png

        return to_png(draw(self.graph, cut(self.graph, self.depth)))


def architecture(
    model: nn.Module | Path | str,
    *,
    backbone: str | None = None,
    size: tuple[int, int] | None = None,
    depth: int | None = None,
) -> Architecture:
    """Look inside a network: what each layer gives, sees and costs.

    Receptive fields are composed along the graph, after Araujo, Norris and Sim, "Computing receptive fields
    of convolutional neural networks" (Distill, 2019). Where ways join, all that either sees counts.

    Args:
        model: An ONNX file, the name of a network (``resnet50``, ``timm/<model>``, ``fcn8s``, or one that
            ships, such as ``street``), or a module
            that takes ``(1, channels, H, W)``.
        backbone: Of ``fcn8s`` and its like.
        size: Height and width of the picture, in pixels; by default what the network was made for.
        depth: Down to which parts within parts are opened; by default as many as a page takes.

    Raises:
        SettingError: There is no such network, it takes no such picture, or what is needed to look into it
            is not installed.
        WeightsError: The file is damaged, or none of ONNX.
    """
    if size is not None and not all(1 <= side <= _LARGEST for side in size):
        raise SettingError(f"the size is {size[0]} x {size[1]}; sides are from 1 to {_LARGEST} pixels")
    if depth is not None and depth < 1:
        raise SettingError(f"the depth is {depth}; it must be at least 1")
    graph = _graph(model, backbone, size)
    return Architecture(graph, depth or fitting(graph))


def _graph(model: Any, backbone: str | None, size: tuple[int, int] | None) -> Graph:
    file = _file(model)
    if file is not None:
        from everyframe.vision.inside.reading import read

        if backbone is not None:
            raise SettingError(f"{model} is made already: leave --backbone out")
        return read(file, size)
    from everyframe.vision.needing import need_torch

    need_torch()
    from everyframe.vision.inside.tracing import trace

    if not isinstance(model, str):
        return trace(model, size or (224, 224))
    from everyframe.vision.inside.named import build

    made, usual = build(model, backbone)
    name = model if backbone is None else f"{model}, {backbone}"
    return trace(made, size or usual, name)


def _file(model: Any) -> Path | None:
    """Return the ONNX file that is meant, if one is."""
    if isinstance(model, Path):
        return model
    if not isinstance(model, str):
        return None
    shipped = _SHIPPED / f"{model}.onnx"
    if "/" not in model and shipped.is_file():
        return shipped
    return Path(model) if model.lower().endswith(".onnx") or Path(model).is_file() else None
