"""The card of the network for streets, from its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TEMPLATE = Path(__file__).with_name("card.template.md")


def card(found: dict[str, Any]) -> str:
    """Return the card.

    Args:
        found: What ``figures`` measured.
    """
    test = found["int8"]["test"]
    rows = "\n".join(f"| {one['name']} | {one['iou']:.3f} |" for one in test["classes"])
    return _TEMPLATE.read_text().format(
        backbone=found["backbone"],
        classes=", ".join(one["name"] for one in test["classes"]),
        command=found["command"],
        seed=found["seed"],
        hours=found["hours"],
        device=found["device"],
        epochs=found["epochs"],
        mb=found["bytes"] / 1e6,
        parameters=found["parameters"],
        iou=test["mean_iou"],
        pixels=test["pixel_accuracy"],
        accuracy=test["mean_accuracy"],
        picture=test["mean_iou_per_picture"],
        boundary=test["mean_boundary_f"],
        whole=found["fp32"]["test"]["mean_iou"],
        torch=found["pytorch"]["test_mean_iou"],
        ms=found["int8"]["milliseconds"],
        whole_ms=found["fp32"]["milliseconds"],
        rows=rows,
    )
