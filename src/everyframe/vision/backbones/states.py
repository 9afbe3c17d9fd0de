"""Reading weights from a file, running nothing of it, and holding them against a network."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from everyframe.errors import WeightsError

State = dict[str, torch.Tensor]

_INSIDE = ("state_dict_ema", "state_dict", "model_state_dict", "model")  # where trainings put it
_BEFORE = ("module.", "_orig_mod.", "model.", "backbone.")  # what they put before every key
_COUNTERS = "num_batches_tracked"  # which files of before 2018 lack, and which nothing here reads
_OLD = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)$")  # as DenseNet's files have them


def read_state(path: Path) -> State:
    """Return the tensors of a state dict (PyTorch's, of any age, or safetensors) by their keys.

    Raises:
        WeightsError: The file is missing, damaged, or holds anything else.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(9)
        found: Any
        if begin[8:] == b"{":
            from safetensors.torch import load_file

            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # PyTorch raises whatever a damaged file provokes
        raise WeightsError(
            f"{path} is damaged, or holds more than weights: give a state dict of PyTorch or safetensors"
        ) from error
    for key in _INSIDE:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if not isinstance(found, Mapping) or not found or not _tensors(found):
        raise WeightsError(f"{path} holds no state dict: its keys must be names, and its values tensors")
    return _renamed(dict(found))


def _tensors(found: Mapping[Any, Any]) -> bool:
    return all(isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in found.items())


def _renamed(state: State) -> State:
    for before in _BEFORE:
        if all(key.startswith(before) for key in state):
            state = {key.removeprefix(before): value for key, value in state.items()}
    return {_OLD.sub(r"\1\2", key): value for key, value in state.items()}


def put(network: nn.Module, state: State, heads: Sequence[str], name: str, path: Path) -> None:
    """Put weights into a network.

    Args:
        network: Without what only its classes need.
        state: The weights.
        heads: What the keys of those classes begin with; they are left out, whatever they are.
        name: Of the network, for people.
        path: Of the weights, for people.

    Raises:
        WeightsError: They are of another network.
    """
    wanted = network.state_dict()
    given = {key: value for key, value in state.items() if not key.startswith(tuple(heads))}
    missing = [key for key in wanted if key not in given and not key.endswith(_COUNTERS)]
    strange = [key for key in given if key not in wanted]
    other = [key for key in wanted if key in given and wanted[key].shape != given[key].shape]
    said = []
    if missing:
        said.append(f"{len(missing)} of {len(wanted)} weights are missing, such as {missing[0]}")
    if strange:
        said.append(f"it has {len(strange)} that {name} has not, such as {strange[0]}")
    if other:
        said.append(f"{other[0]} is {_size(given[other[0]])}, not {_size(wanted[other[0]])}")
    if said:
        raise WeightsError(f"{path} does not fit {name}: {'; '.join(said)}")
    whole = OrderedDict(given)
    whole._metadata = wanted._metadata  # type: ignore[attr-defined]  # some networks ask of which version it is
    network.load_state_dict(whole, strict=False)


def _size(tensor: torch.Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a number"
