"""Looking inside networks: their layers, and what each sees and costs.

A network is a PyTorch module, or a file in the form of ONNX. PyTorch is needed for modules only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from everyframe.vision.inside.looking import Architecture, architecture

if TYPE_CHECKING:
    from torch import nn

    from everyframe.vision.inside.graph import Graph

    Network = nn.Module | Path | str

__all__ = ["Architecture", "architecture", "count", "graph_of", "reach"]


def graph_of(network: Network, size: tuple[int, int], name: str = "") -> Graph:
    """Return the layers of a network.

    Args:
        network: A module that takes ``(1, channels, H, W)``, or the path of an ONNX file.
        size: Height and width of the picture, in pixels.
        name: For people; by default that of its class or file.

    Raises:
        SettingError: It takes no such picture.
        WeightsError: The file is damaged, or none of ONNX.
    """
    if isinstance(network, (str, Path)):
        from everyframe.vision.inside.reading import read

        return read(Path(network), size, name)
    from everyframe.vision.inside.tracing import trace

    return trace(network, size, name)


def reach(network: Network, size: tuple[int, int]) -> int:
    """Return how many pixels around a pixel a network's output sees, at the most.

    It is the radius of the receptive field, rounded up: a tile with so large a margin gives what the whole
    picture gives. Where a network mixes the whole picture (a mean over it, attention), it is the longer side.

    Args:
        network: A module that takes ``(1, channels, H, W)``, or the path of an ONNX file.
        size: Height and width of the picture, in pixels.

    Raises:
        SettingError: It takes no such picture.
        WeightsError: The file is damaged, or none of ONNX.
    """
    return graph_of(network, size).reach


def count(network: Network, size: tuple[int, int]) -> tuple[int, int]:
    """Return a network's parameters, and its multiply-adds for one picture.

    Those of convolutions and products of matrices count, of which there are hundreds to one of the others.

    Args:
        network: A module that takes ``(1, channels, H, W)``, or the path of an ONNX file.
        size: Height and width of the picture, in pixels.

    Raises:
        SettingError: It takes no such picture.
        WeightsError: The file is damaged, or none of ONNX.
    """
    found = graph_of(network, size)
    return found.parameters, found.multiply_adds
