"""Saying so, in one line, where training needs what is not installed."""

from __future__ import annotations

from importlib.util import find_spec

from everyframe.errors import SettingError


def need_torch() -> None:
    """Make sure that PyTorch is there.

    Raises:
        SettingError: It is not.
    """
    if find_spec("torch") is None:
        raise SettingError("teaching needs PyTorch, running does not: pip install 'everyframe[train]'")
