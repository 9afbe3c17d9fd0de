"""Figures of layers in words."""

from __future__ import annotations

from fractions import Fraction

from everyframe.vision.inside.graph import Layer

_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def amount(number: int) -> str:
    """Say a large number in three digits: ``25.6 M``; nothing for nothing."""
    for step, letter in _STEPS:
        if number >= step * 0.9995:
            value = number / step
            return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} {letter}"
    return str(number) if number else ""


def shape(layer: Layer) -> str:
    """Say the shape of a layer's output, for one picture."""
    return " × ".join(str(one) for one in layer.shape[1:])


def sees(layer: Layer) -> str:
    """Say how many pixels a place sees."""
    if layer.sight is None:
        return ""
    if layer.whole or layer.field is None:
        return "all"
    rows, cols = layer.field
    return str(rows) if rows == cols else f"{rows} × {cols}"


def stride(layer: Layer) -> str:
    """Say how many pixels apart places are."""
    if layer.stride is None:
        return ""
    rows, cols = layer.stride
    return _number(rows) if rows == cols else f"{_number(rows)} × {_number(cols)}"


def _number(value: Fraction) -> str:
    return f"{float(value):.4g}"
