"""What a classifier says of itself, and what makes a training that one and no other."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.classify.calibrating import figures
from everyframe.vision.classify.folders import Pictures
from everyframe.vision.classify.model import FORMAT
from everyframe.vision.classify.plan import Plan


def about(
    plan: Plan,
    pictures: Pictures,
    origin: dict[str, str],
    *,
    side: int,
    temperature: float,
    found: dict[str, Any],
    epochs: int,
) -> dict[str, Any]:
    """Return what is written into a model.

    Args:
        plan: How it was made.
        pictures: From which.
        origin: File and SHA-256 of the weights that it began with.
        side: Pixels of the squares as which it looks at pictures.
        temperature: Of its confidence.
        found: Figures, by what they were measured on.
        epochs: Of fine-tuning, that were done.
    """
    told = {one.name: getattr(plan, one.name) for one in fields(plan) if one.name != "threads"}
    return {
        "format": FORMAT,
        "classes": list(pictures.classes),
        "side": side,
        "temperature": temperature,
        "backbone": plan.backbone,
        "origin": origin,
        "pictures": dict(zip(pictures.classes, pictures.counts(), strict=True)),
        "epochs": epochs,
        "figures": found,
        "plan": told | {"weights": plan.weights.name if plan.weights is not None else None},
    }


def calibrated(logits: NDArray[np.float32], labels: NDArray[np.int64], temperature: float) -> dict[str, Any]:
    """Return figures with a temperature, and the calibration error without it."""
    found = asdict(figures(logits, labels, temperature))
    return found | {"ece before": figures(logits, labels).ece}


def identity(plan: Plan, pictures: Pictures, origin: dict[str, str]) -> dict[str, str]:
    """Return what makes a training this one and no other, each part by its name."""
    names = "\n".join(
        f"{one.path.parent.name}/{one.path.name} {one.path.stat().st_size} {one.label}"
        for one in pictures.train
    )
    told = {one.name: str(getattr(plan, one.name)) for one in fields(plan) if one.name != "weights"}
    return told | {
        "classes": json.dumps(pictures.classes),
        "pictures": hashlib.sha256(names.encode()).hexdigest(),
        "weights": origin.get("sha256", "none"),
    }
