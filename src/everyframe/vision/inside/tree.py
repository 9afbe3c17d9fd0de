"""A network as a tree of parts within parts, to be written as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from everyframe.vision.inside.graph import Graph, Layer

FORMAT = 1
"""Of what is written."""


def tree(graph: Graph) -> dict[str, Any]:
    """Return a network as a tree.

    Parts have ``children``; layers have ``inputs``, which are the paths of others. A part's shape, receptive
    field and stride are those of what it gives in the end.
    """
    rows, cols = graph.size
    return {
        "format": FORMAT,
        "size": [rows, cols],
        "unused_parameters": graph.unused,
        "outputs": [_path(graph.layers[one]) for one in graph.outputs],
        **_part(graph, (), graph.layers, graph.name, "network"),
        "parameters": graph.parameters,
    }


def _part(
    graph: Graph, path: tuple[str, ...], layers: Sequence[Layer], name: str, kind: str
) -> dict[str, Any]:
    groups: dict[tuple[str, ...], list[Layer]] = {}
    for layer in layers:
        inner = next(
            (
                layer.path[:depth]
                for depth in range(len(path) + 1, len(layer.path))
                if layer.path[:depth] in graph.kinds
            ),
            layer.path,
        )
        groups.setdefault(inner, []).append(layer)
    children = []
    for inner, those in groups.items():
        called = ".".join(inner[len(path) :])
        if len(those) == 1 and those[0].path == inner:
            children.append(_leaf(graph, those[0], called))
        else:
            children.append(_part(graph, inner, those, called, graph.kinds.get(inner, "block")))
    return {"name": name, "kind": kind, **_figures(layers[-1], layers), "children": children}


def _leaf(graph: Graph, layer: Layer, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": layer.kind,
        **({"detail": layer.detail} if layer.detail else {}),
        "inputs": [_path(graph.layers[one]) for one in layer.inputs],
        **_figures(layer, [layer]),
    }


def _figures(last: Layer, layers: Sequence[Layer]) -> dict[str, Any]:
    return {
        "shape": list(last.shape),
        "receptive_field": None if last.field is None else list(last.field),
        "whole_picture": last.whole,
        "stride": None if last.stride is None else [_number(one) for one in last.stride],
        "parameters": sum(one.parameters for one in layers),
        "multiply_adds": sum(one.multiply_adds for one in layers),
    }


def _number(value: Any) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _path(layer: Layer) -> str:
    return ".".join(layer.path)
