"""Which clips train, validate and test: no person is ever in two of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.common.artifacts import SPLITS

DISJOINT_FROM = 3  # people; with fewer there is nobody to keep apart


def is_disjoint(identities: Sequence[str]) -> bool:
    """Whether footage of these people can be split by person."""
    return len(set(identities)) >= DISJOINT_FROM


def split_clips(
    identities: Sequence[str], clip_ids: Sequence[str], val_fraction: float, test_fraction: float, seed: int
) -> list[str]:
    """The split of each clip. Deterministic, whatever the order of the clips.

    With three people or more whole people are assigned, at least one to each split that has a share at all. With one
    or two, which is common when a model is fitted to one's own footage, single clips are assigned instead: callers
    must say so (`is_disjoint`), since a person then is in several splits.
    """
    by_person = is_disjoint(identities)
    units = list(identities if by_person else clip_ids)
    assigned = _assign(sorted(set(units)), val_fraction, test_fraction, seed)
    return [assigned[unit] for unit in units]


def _assign(units: Sequence[str], val_fraction: float, test_fraction: float, seed: int) -> dict[str, str]:
    order = np.random.default_rng(seed).permutation(len(units))
    train, val, test = SPLITS
    test_count = _count(len(units), test_fraction, left=len(units) - 1)
    val_count = _count(len(units), val_fraction, left=len(units) - 1 - test_count)
    names = [test] * test_count + [val] * val_count + [train] * (len(units) - test_count - val_count)
    return {units[i]: name for i, name in zip(order, names, strict=True)}


def _count(total: int, fraction: float, left: int) -> int:
    """Rounded share, at least one where the share is not zero, and never more than is left."""
    return min(max(1, round(total * fraction)), left) if fraction > 0 else 0
