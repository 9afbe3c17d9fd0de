"""What makes a detector an estimator of scikit-learn, without loading scikit-learn."""

from __future__ import annotations

import inspect
from typing import Any, Self


class Estimator:
    """Parameters by name, as scikit-learn's ``clone`` and ``check_estimator`` ask for them.

    ``sklearn.base.BaseEstimator`` would do the same, but importing it imports half of SciPy: most of a second
    each time that a command begins, for what only those need who use a detector with scikit-learn. They have
    it loaded already.

    A subclass takes its parameters by name and keeps each in an attribute of that name.
    """

    @classmethod
    def _names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - none is an estimator itself
        """Return the parameters by name."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters; what was learned stays until the next ``fit``.

        Raises:
            ValueError: There is no such parameter.
        """
        for name, value in params.items():
            if name not in self._names():
                raise ValueError(f"{type(self).__name__} has no parameter {name}: {', '.join(self._names())}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({given})"

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's ``Tags`` of a detector of outliers that needs no labels."""
        from sklearn.utils import Tags, TargetTags

        return Tags("outlier_detector", target_tags=TargetTags(required=False))
