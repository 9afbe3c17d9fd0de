"""Layers in an order in which parts of a network stay together."""

from __future__ import annotations

from dataclasses import replace

from everyframe.vision.inside.graph import INPUT, Graph


def ordered(graph: Graph) -> Graph:
    """Return a network whose layers come just before they are needed, as code would run them.

    Exporters mix ways that do not depend on each other, and tear parts apart.
    """
    layers = graph.layers
    order = [number for number, layer in enumerate(layers) if layer.kind == INPUT]
    done = set(order)
    taken = {one for layer in layers for one in layer.inputs}
    ends = [number for number in range(len(layers)) if number not in taken]
    waiting = [(number, False) for number in reversed(dict.fromkeys((*graph.outputs, *ends)))]
    while waiting:
        number, ready = waiting.pop()
        if number in done:
            continue
        if ready:
            done.add(number)
            order.append(number)
        else:
            waiting.append((number, True))
            waiting.extend((one, False) for one in reversed(layers[number].inputs))
    place = {number: at for at, number in enumerate(order)}
    moved = [
        replace(layers[number], inputs=tuple(place[one] for one in layers[number].inputs)) for number in order
    ]
    return replace(graph, layers=moved, outputs=tuple(place[one] for one in graph.outputs))
