"""A PyTorch network as a graph of layers: it runs once on tensors without content, and is watched.

Every operation is seen, whatever code leads to it, so that networks need not be written for it; and nothing
is computed, so that the largest takes no more memory than the smallest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from everyframe.errors import SettingError
from everyframe.vision.inside.details import detail, plain
from everyframe.vision.inside.graph import INPUT, Graph, Layer
from everyframe.vision.inside.operations import bound, name_of, sees
from everyframe.vision.inside.sights import Sight, picture

_MOVING = frozenset(
    (
        *("view", "unsafe_view", "reshape", "permute", "transpose", "t", "expand", "unsqueeze", "squeeze"),
        *("slice", "select", "split", "split_with_sizes", "unbind", "chunk", "clone", "detach", "alias"),
        *("to_copy", "lift_fresh", "as_strided", "unsafe_split"),
    )
)  # no layers of their own where no module stands for them


def trace(module: nn.Module, size: tuple[int, int], name: str = "") -> Graph:
    """Return the graph of a network.

    Args:
        module: Takes ``(1, channels, H, W)`` pictures, of floats.
        size: Height and width of the picture, in pixels.
        name: For people; by default that of its class.

    Raises:
        SettingError: It does not take such pictures.
    """
    name = name or type(module).__name__
    shape = (1, _channels(module), *size)
    modes = {part: part.training for part in module.modules()}
    try:
        module.eval()
        try:
            return _run(module, shape, name, "meta")
        except Exception:  # noqa: S110 - some look at values on their way: these need real ones
            pass
        return _run(module, shape, name, "cpu")
    except Exception as error:  # whatever a network's code provokes
        why = " ".join(str(error).split())[:200]
        raise SettingError(
            f"{name} takes no picture of {size[1]} x {size[0]} pixels ({why}): try another size"
        ) from error
    finally:
        for part, training in modes.items():
            part.training = training


def _channels(module: nn.Module) -> int:
    for part in module.modules():
        if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d)):
            return part.in_channels
    return 3


def _run(module: nn.Module, shape: tuple[int, ...], name: str, device: str) -> Graph:
    state = {
        key: value.detach().to(device) for key, value in (*module.named_parameters(), *module.named_buffers())
    }
    kind = next((one.dtype for one in state.values() if one.is_floating_point()), torch.float32)
    given = torch.zeros(shape, device=device, dtype=kind)
    watcher = _Watcher(name, given)
    watcher.learned = {id(state[key]): state[key].numel() for key, _ in module.named_parameters()}
    watcher.kept.extend(state.values())
    with torch.no_grad(), watcher.hooked(module), watcher:
        out = torch.func.functional_call(module, state, (given,))
    numbers = [watcher.known[id(one)].layer for one in tree_leaves(out) if id(one) in watcher.known]
    watcher.graph.outputs = tuple(dict.fromkeys(numbers))
    watcher.graph.unused = sum(watcher.learned.values())
    return watcher.graph


@dataclass(frozen=True, slots=True)
class _Known:
    layer: int
    sight: Sight


@dataclass(slots=True)
class _Call:
    """A module that is running."""

    path: tuple[str, ...]
    leaf: bool
    kind: str
    layer: int | None = None


class _Watcher(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Turns what runs into layers."""

    def __init__(self, name: str, given: torch.Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        shape = tuple(given.shape)
        first = Layer((INPUT,), INPUT, shape=shape, sight=picture(2, 3, shape))
        self.graph = Graph(name, (shape[2], shape[3]), [first])
        assert first.sight is not None
        self.known = {id(given): _Known(0, first.sight)}
        self.learned: dict[int, int] = {}
        self.made_of: dict[int, frozenset[int]] = {}  # which weights a constant is made of
        self.kept: list[Any] = [given]  # ids are those of what lives
        self.calls: list[_Call] = []
        self.taken: dict[tuple[str, ...], int] = {(INPUT,): 1}

    @contextmanager
    def hooked(self, module: nn.Module) -> Iterator[None]:
        """Know which part of a network runs."""
        handles = []
        for path, part in module.named_modules():
            if path:
                leaf = next(part.children(), None) is None
                call = (tuple(path.split(".")), leaf, type(part).__name__)
                handles.append(part.register_forward_pre_hook(self._entering(*call)))
                handles.append(part.register_forward_hook(self._leaving, always_call=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _entering(self, path: tuple[str, ...], leaf: bool, kind: str) -> Any:
        def enter(*_: Any) -> None:
            self.graph.kinds[path] = kind
            self.calls.append(_Call(path, leaf, kind))

        return enter

    def _leaving(self, *_: Any) -> None:
        self.calls.pop()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run an operation and take note of it."""
        out = func(*args, **(kwargs or {}))
        given = bound(func, args, kwargs or {})
        taken = [one for one in tree_leaves(tuple(given.values())) if isinstance(one, torch.Tensor)]
        made = [one for one in tree_leaves(out) if isinstance(one, torch.Tensor)]
        self.kept.extend(made)
        weights = frozenset[int]().union(*(self._weights(one) for one in taken))
        live = [self.known[id(one)] for one in taken if id(one) in self.known]
        if not made:
            return out
        if not live:
            self.made_of.update({id(one): weights for one in made})
            return out
        moved = self._moves(func, live)
        number = live[0].layer if moved else self._layer(func, given, live)
        layer = self.graph.layers[number]
        layer.parameters += sum(self.learned.pop(one, 0) for one in weights)
        layer.multiply_adds += _multiply_adds(func, args, kwargs or {}, out)
        for one in made:
            sight = sees(func, given, self._sight, one)
            self.known[id(one)] = _Known(number, sight)
        if not moved:
            layer.shape, layer.sight = tuple(made[0].shape), self.known[id(made[0])].sight
        return out

    def _moves(self, func: Any, live: list[_Known]) -> bool:
        """Return whether values are only put in another order, outside any module that stands for that."""
        inside = bool(self.calls) and self.calls[-1].leaf
        return not inside and name_of(func) in _MOVING and len({one.layer for one in live}) == 1

    def _weights(self, tensor: torch.Tensor) -> frozenset[int]:
        return (
            frozenset((id(tensor),))
            if id(tensor) in self.learned
            else self.made_of.get(id(tensor), frozenset())
        )

    def _sight(self, tensor: Any) -> Sight | None:
        known = self.known.get(id(tensor)) if isinstance(tensor, torch.Tensor) else None
        return None if known is None else known.sight

    def _layer(self, func: Any, given: dict[str, Any], live: list[_Known]) -> int:
        """Return the number of the layer that an operation belongs to; made where there is none yet."""
        call = self.calls[-1] if self.calls else _Call((), False, "")
        name = name_of(func)
        before = tuple(dict.fromkeys(one.layer for one in live))
        if call.leaf and call.layer is not None:
            layer = self.graph.layers[call.layer]
            layer.inputs += tuple(one for one in before if one != call.layer and one not in layer.inputs)
            layer.detail = layer.detail or detail(name, given)
            return call.layer
        path = call.path if call.leaf else (*call.path, plain(name))
        times = self.taken[path] = self.taken.get(path, 0) + 1
        if times > 1:  # called again
            path = (*path[:-1], f"{path[-1]}:{times}")
        kind = call.kind if call.leaf else plain(name)
        self.graph.layers.append(Layer(path, kind, detail(name, given), before))
        call.layer = len(self.graph.layers) - 1
        return call.layer


def _multiply_adds(func: Any, args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> int:
    counting = flop_registry.get(func._overloadpacket)
    return int(counting(*args, **kwargs, out_val=out)) // 2 if counting else 0
