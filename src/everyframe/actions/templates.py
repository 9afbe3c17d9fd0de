"""What a rule sends, from a template that cannot do anything but fill in values."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from everyframe.errors import SettingError

_JINJA = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    keep_trailing_newline=True,
)


def values(
    uid: str, rule: str, camera: str, utc: float, why: str, measures: Mapping[str, float]
) -> dict[str, Any]:
    """Return what a template may speak of."""
    return {
        "id": uid,
        "rule": rule,
        "camera": camera,
        "utc": utc,
        "time": datetime.fromtimestamp(utc, UTC).isoformat(timespec="milliseconds"),
        "why": why,
        "measures": {name: None if math.isnan(value) else float(value) for name, value in measures.items()},
    }


def fill(template: str, told: Mapping[str, Any]) -> str:
    """Fill in a template.

    Raises:
        SettingError: It cannot be read, or speaks of something that there is not.
    """
    try:
        return _JINJA.from_string(template).render(told)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise SettingError(f"The template cannot be filled in: {said}.") from None


def check_template(template: str, measures: Collection[str] = ()) -> str:
    """Return a template that can be filled in, whether or not anything could be measured.

    Args:
        template: To check.
        measures: Which it may speak of.

    Raises:
        SettingError: It cannot.
    """
    for value in (0.5, math.nan):
        told = dict.fromkeys(measures, value)
        fill(template, values("id", "rule", "camera", 0.0, "why", told))
    return template
