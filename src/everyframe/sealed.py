"""Arrays in a file that a stranger may send: no program in it, a word that says what it is, and a sum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

_SUM = 32  # bytes of SHA-256


class NotSealed(ValueError):
    """It begins with another word: it is something else."""


class Damaged(ValueError):
    """Its sum is wrong."""


def seal(word: bytes, tensors: Mapping[str, NDArray[Any]], header: Mapping[str, Any]) -> bytes:
    """Return a word, a SHA-256 of the rest, and safetensors with JSON beside them.

    Args:
        word: Says what it is.
        tensors: By name.
        header: Anything that JSON can say.
    """
    whole = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    body = save_tensors(whole, metadata={"everyframe": json.dumps(header)})
    return word + hashlib.sha256(body).digest() + body


def unseal(word: bytes, data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the header and the tensors of what ``seal`` made; nothing in it is ever run.

    Raises:
        NotSealed: It is something else.
        Damaged: It was changed.
        ValueError: Whoever made it wrote what no ``seal`` writes; likewise ``KeyError``, ``TypeError`` and
            ``safetensors.SafetensorError``.
    """
    start = len(word) + _SUM
    if data[: len(word)] != word or len(data) <= start:
        raise NotSealed
    body = data[start:]
    if hashlib.sha256(body).digest() != data[len(word) : start]:
        raise Damaged
    length = int.from_bytes(body[:8], "little")
    header = json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["everyframe"])
    return header, load_tensors(body)
