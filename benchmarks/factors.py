"""Is the number of latent factors found, where it is known? ``python -m benchmarks.factors``.

Data have 100 columns and 2,000 rows; each factor is a normal random direction with normal weights, active in
all rows (dense) or in a random fifth of them (sparse). Noise is normal; how loud it is, is the ratio of the
variance of the signal to that of the noise in one entry, in decibels.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.factors import find_factors

ROWS, COLUMNS = 2_000, 100
COUNTS = (5, 10, 20, 40)
DECIBELS = (20.0, 10.0, 5.0)
ACTIVE = {"dense": 1.0, "sparse": 0.2}
SEEDS = 10
NEAR = 1  # factors more or less that count as found
ENOUGH = 9  # seeds of ten in which they must be


def made(
    count: int, decibels: float, active: float, seed: int, rows: int = ROWS, columns: int = COLUMNS
) -> NDArray[np.float64]:
    """Return ``(rows, columns)`` data made of ``count`` factors, each in a share ``active`` of the rows."""
    random = np.random.default_rng((seed, count, round(decibels), round(100 * active)))
    weights = random.normal(size=(rows, count)) * (random.random((rows, count)) < active)
    signal = weights @ random.normal(size=(count, columns))
    signal /= signal.std()
    return signal + random.normal(size=signal.shape) * 10 ** (-decibels / 20)


def cells(seeds: int) -> Iterator[tuple[str, int, float, list[int]]]:
    """Yield kind, true number, decibels and what was found with each seed."""
    for kind, active in ACTIVE.items():
        for count in COUNTS:
            for decibels in DECIBELS:
                found = [find_factors(made(count, decibels, active, seed)).count for seed in range(seeds)]
                yield kind, count, decibels, found


def main() -> int:
    """Print the table; return 1 where the number is missed too often."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, default=SEEDS, help=f"for each cell (default: {SEEDS})")
    seeds = options.parse_args().seeds
    print("| factors | number | signal to noise | within one | least found | most found |")
    print("|---|---|---|---|---|---|")
    good = True
    for kind, count, decibels, found in cells(seeds):
        hits = sum(abs(one - count) <= NEAR for one in found)
        good &= hits * SEEDS >= ENOUGH * seeds
        print(
            f"| {kind} | {count} | {decibels:.0f} dB | {hits} of {seeds} | {min(found)} | {max(found)} |",
            flush=True,
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
