"""A dictionary of bases of one type: what it learns, how it follows, what a sample costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.coding import costs, encode
from everyframe.anomaly.selection import chosen, row_norms

_CANDIDATES = 400  # samples that bases are chosen from
_MOST = 120  # bases
_SELECTION = 0.02  # lambda of the selection, as a share of the least that keeps nothing
_STRENGTH = 0.3  # lambda of the coding, in mean squared norms of a sample
_UNEVEN = 3.0  # a rarely used base is dearer, but by no more than this

Values = NDArray[np.float32]
"""``(n, d)`` samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Bases chosen among samples, and what each is worth.

    Attributes:
        bases: ``(m, d)``.
        use: ``(m,)`` how much each was needed to reconstruct what is normal.
        size: Mean squared norm of what is normal.
    """

    bases: Values
    use: NDArray[np.float32]
    size: float

    @classmethod
    def chosen_from(cls, samples: Values) -> Dictionary:
        """Choose bases among samples that are in random order."""
        return cls._select(samples[:_CANDIDATES], None, _mean_square(samples))

    def updated(self, samples: Values, history: float) -> Dictionary:
        """Return the dictionary after more normal samples.

        Bases are chosen anew among the old ones and the samples, where the old ones stand for everything
        that was learned with them.

        Args:
            samples: ``(n, d)``.
            history: How many times as much as the samples was learned before.
        """
        before = history * len(samples) * self.use / max(float(self.use.sum()), 1e-12)
        weight = np.concatenate([before, np.ones(len(samples), np.float32)]).astype(np.float32)
        size = (history * self.size + _mean_square(samples)) / (history + 1.0)
        return self._select(np.concatenate([self.bases, samples]), weight, size)

    @classmethod
    def _select(cls, candidates: Values, weight: NDArray[np.float32] | None, size: float) -> Dictionary:
        norms = row_norms(candidates, _SELECTION, weight=weight)
        kept = chosen(norms, _MOST)
        return cls(candidates[kept], norms[kept], size)

    @property
    def price(self) -> NDArray[np.float32]:
        """``(m,)`` of one unit of each base: the more it was needed, the cheaper it is.

        The weights are one over the root of the use, as in Cong, Yuan and Liu (CVPR 2011).
        """
        weight = 1.0 / np.sqrt(np.maximum(self.use, np.float32(1e-12)))
        usual = float(np.median(weight)) if len(weight) else 1.0
        found: NDArray[np.float32] = np.clip(weight / usual, 1.0 / _UNEVEN, _UNEVEN).astype(np.float32)
        return np.float32(_STRENGTH * self.size) * found

    def encode(self, samples: Values) -> NDArray[np.float32]:
        """Return ``(n, m)`` coefficients of samples over the bases."""
        return encode(samples, self.bases, self.price)

    def costs(self, samples: Values) -> NDArray[np.float32]:
        """Return ``(n,)`` the sparse reconstruction cost of samples."""
        return costs(samples, self.bases, self.price, self.encode(samples))


def _mean_square(samples: Values) -> float:
    return float((samples * samples).sum(axis=1).mean()) if len(samples) else 1.0
