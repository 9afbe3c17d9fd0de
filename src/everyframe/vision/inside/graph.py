"""A network as layers, each with what it takes, gives, sees and costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from everyframe.vision.inside.sights import Shape, Sight

INPUT = "input"
"""Kind of the layer that stands for what is given to a network."""


@dataclass(slots=True)
class Layer:
    """One layer.

    Attributes:
        path: Names of the parts that it lies in, from the outermost, and its own.
        kind: What it is, such as ``Conv2d`` or ``add``.
        detail: Its kernel, stride and so on, in short.
        inputs: Which earlier layers it takes, by number.
        shape: Of its output.
        sight: What its output sees, ``None`` where it is no map of a picture.
        parameters: Learned numbers that are used here first.
        multiply_adds: Of convolutions and products of matrices, for one picture.
    """

    path: tuple[str, ...]
    kind: str
    detail: str = ""
    inputs: tuple[int, ...] = ()
    shape: Shape = ()
    sight: Sight | None = None
    parameters: int = 0
    multiply_adds: int = 0

    @property
    def field(self) -> tuple[int, int] | None:
        """Rows and columns of the picture that a place sees around itself; ``None`` without places."""
        fields = [side.field for side in self.sight or ()]
        found = [one.size for one in fields if one is not None]
        return (found[0], found[1]) if len(found) == 2 else None

    @property
    def whole(self) -> bool:
        """Whether it sees the whole picture, too, however large that is."""
        return any(side.whole for side in self.sight or ())

    @property
    def stride(self) -> tuple[Fraction, Fraction] | None:
        """Pixels from one place to the next, down and right; ``None`` without places."""
        found = [side.field.jump for side in self.sight or () if side.field is not None]
        return (found[0], found[1]) if len(found) == 2 else None


@dataclass(slots=True)
class Graph:
    """A network.

    Attributes:
        name: For people.
        size: Height and width of the picture, in pixels.
        layers: In the order in which they run.
        kinds: Of the parts that layers lie in, by their paths.
        outputs: Which layers give the output.
        unused: Learned numbers that no layer uses.
    """

    name: str
    size: tuple[int, int]
    layers: list[Layer]
    kinds: dict[tuple[str, ...], str] = field(default_factory=dict)
    outputs: tuple[int, ...] = ()
    unused: int = 0

    @property
    def parameters(self) -> int:
        """All learned numbers."""
        return sum(layer.parameters for layer in self.layers) + self.unused

    @property
    def multiply_adds(self) -> int:
        """Of the whole network, for one picture."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def reach(self) -> int:
        """Pixels around a pixel that its output sees, at the most; all of the picture's where it is mixed."""
        far = 0
        for number in self.outputs:
            sight = self.layers[number].sight
            for side, length in zip(sight or (), self.size, strict=False):
                far = max(far, length if side.whole or side.field is None else side.field.reach)
        return far
