"""Which part of a network a node of an ONNX file lies in, by the names that exporters give."""

from __future__ import annotations

import re
from ast import literal_eval
from collections import Counter
from collections.abc import Sequence
from typing import Any

_SCOPES = "pkg.torch.onnx.name_scopes"  # of PyTorch's newer exporter
_NUMBER = re.compile(r"[_.]\d+$")


def paths(nodes: Sequence[Any]) -> list[tuple[str, ...]]:
    """Return the path of each node: the parts that it lies in, and its own name; no two are the same."""
    homes = [_home(node) for node in nodes]
    within = Counter(homes)
    inner = {home[:depth] for home in homes for depth in range(len(home))}
    taken: Counter[tuple[str, ...]] = Counter()
    found = []
    for node, home in zip(nodes, homes, strict=True):
        alone = bool(home) and within[home] == 1 and home not in inner
        path = home if alone else (*home, _own(node))
        taken[path] += 1
        found.append(path if taken[path] == 1 else (*path[:-1], f"{path[-1]}:{taken[path]}"))
    return found


def _home(node: Any) -> tuple[str, ...]:
    told = {one.key: one.value for one in node.metadata_props}
    if _SCOPES in told:
        try:
            steps = [str(one) for one in literal_eval(told[_SCOPES])][:-1]
        except (ValueError, SyntaxError):
            steps = []
    else:
        steps = node.name.split("/")[:-1]
    home: list[str] = []
    whole = ""
    for step in filter(None, steps):
        # Each is told with what it lies in before it, or without.
        home.extend(step.removeprefix(f"{whole}.").split(".") if whole else step.split("."))
        whole = step
    return tuple(home)


def _own(node: Any) -> str:
    """Return the name of a node among its neighbours: what it does, without its number in the file."""
    last = str(node.name).rpartition("/")[2]
    plain = _NUMBER.sub("", last)
    return node.op_type.lower() if not plain or plain.lower().endswith(node.op_type.lower()) else last
