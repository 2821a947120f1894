"""Whether new footage is of another kind than the footage that the models were trained on, and in what.

Each figure's distance is compared with what chance makes: the training footage is split by person again and again, one
part playing the new footage. A figure has drifted when its distance is beyond what such splits show, with room for the
number of figures looked at and for how little a few people say about all people, and when it is large enough to matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.common.errors import UserError
from evaluation.drift.figures import Footage
from evaluation.drift.wording import group, say, say_shares

LEVEL = 0.05  # chance that footage of the same kind is called drifted
FEWEST = 3  # clips on either side; fewer say nothing
FEWEST_PEOPLE = 4  # in training; below that, splits are by clip
LEAST = 0.5  # a distance that matters: half of the training footage's own spread
LEAST_SHARE = 0.25  # the same for shares: a quarter of the clips would have to change their label
MOST_REASONS = 3  # named for each part of the footage
QUARANTINE = 0.2  # a share of unusable inputs this much above training's is a drift of its own
GRID = np.linspace(0.01, 0.99, 50)  # at which two distributions are compared
# The smallest spread that counts as one, by group: below it differences do not matter to the models.
SMALLEST = {"motion": 0.03, "sound": 0.75, "picture": 2.0, "clip": 0.05}
SMALLEST_OF = {"sound/bandwidth": 300.0, "clip/seconds": 0.5, "picture/sharpness": 0.5}


@dataclass(frozen=True)
class Change:
    """One figure, before and now.

    distance: in spreads of the training footage (shares: total variation, 0-1). limit: what chance and relevance allow.
    before, now: means; low, high: 5th and 95th percentile of each. words: the change in words.
    """

    name: str
    distance: float
    limit: float
    before: float
    now: float
    before_range: tuple[float, float]
    now_range: tuple[float, float]
    words: str

    @property
    def drifted(self) -> bool:
        return self.distance > self.limit

    @property
    def strength(self) -> float:
        """Distance over its limit; above 1 is drift."""
        return self.distance / self.limit


@dataclass(frozen=True)
class Drift:
    """The verdict. changes: every figure, the strongest first. facts: what the reader should know besides."""

    drifted: bool
    reasons: tuple[str, ...]
    changes: tuple[Change, ...]
    facts: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        figures = [{**asdict(change), "drifted": change.drifted} for change in self.changes]
        return {"drifted": self.drifted, "reasons": list(self.reasons), "facts": dict(self.facts), "figures": figures}


def compare(training: Footage, new: Footage, resamples: int = 300, seed: int = 0) -> Drift:
    """Compare new footage with the training footage.

    Raises:
        UserError: too few clips to tell.
    """
    for footage, name in ((training, "training"), (new, "new")):
        if len(footage) < FEWEST:
            raise UserError(f"the {name} footage has {len(footage)} usable clips; at least {FEWEST} are needed to tell")
    spreads = {name: _spread(name, values) for name, values in training.figures.items()}
    changed = distances(training, new, spreads)
    splits = [distances(*pair, spreads) for pair in _splits(training, new, resamples, seed)]
    room = _room(training, len(changed))
    changes = []
    for name, distance in changed.items():
        chance = float(np.quantile([split[name] for split in splits], 1 - LEVEL))  # what chance alone does
        changes.append(_change(name, distance, max(_least(name, training), chance * room), training, new))
    changes.sort(key=lambda change: (-change.strength, change.name))
    reasons = in_words(changes)
    if new.quarantined > training.quarantined + QUARANTINE:
        reasons.insert(0, f"Inputs: {new.quarantined:.0%} cannot be used (training: {training.quarantined:.0%})")
    people = set(training.people)
    strangers = set(new.people) - people
    facts = {
        "Training footage": f"{len(training)} clips of {len(people)} people",
        "New footage": f"{len(new)} clips of {len(set(new.people))} people, {len(strangers)} not in training",
        "Unusable inputs": f"{new.quarantined:.0%} (training: {training.quarantined:.0%})",
        "Compared": f"{len(changes)} figures, {resamples} splits of the training footage",
    }
    return Drift(bool(reasons), tuple(reasons), tuple(changes), facts)


def in_words(changes: Sequence[Change]) -> list[str]:
    """The reasons, the strongest first; of each part of the footage the `MOST_REASONS` strongest and how many more."""
    drifted = [change for change in changes if change.drifted]
    reasons = []
    for part in dict.fromkeys(group(change.name) for change in drifted):
        sentences = [change.words for change in drifted if group(change.name) == part]
        more = len(sentences) - MOST_REASONS
        reasons += [f"{part}: {words}" for words in sentences[:MOST_REASONS]]
        reasons += [f"{part}: {more} more figures"] if more > 0 else []
    return reasons


def distances(before: Footage, now: Footage, spreads: Mapping[str, float]) -> dict[str, float]:
    """Figure or label -> distance. Figures: Wasserstein-1 in spreads of training; labels: total variation."""
    changed: dict[str, float] = {}
    for name, values in before.figures.items():
        gap = np.quantile(values, GRID) - np.quantile(now.figures[name], GRID)
        changed[name] = float(np.abs(gap).mean() / spreads[name])
    for name, words in before.labels.items():
        changed[f"share/{name}"] = variation(words, now.labels[name])
    return changed


def variation(before: Sequence[str], now: Sequence[str]) -> float:
    """Total variation of two lists of words, 0 (same shares) to 1 (nothing in common); unknowns are left out."""
    left, right = shares(before), shares(now)
    if not left or not right:
        return 0.0
    return 0.5 * sum(abs(left.get(word, 0.0) - right.get(word, 0.0)) for word in {*left, *right})


def shares(words: Sequence[str]) -> dict[str, float]:
    """Word -> its share among the known ones."""
    known = [word for word in words if word]
    return {word: known.count(word) / len(known) for word in sorted(set(known))}


def _spread(name: str, values: NDArray[np.float64]) -> float:
    group = name.split("/")[0]
    return max(float(values.std()), SMALLEST_OF.get(name, SMALLEST[group]))


def _room(training: Footage, figures: int) -> float:
    """How much further than `LEVEL` of the splits a figure may go: Bonferroni over figures, Student's t over people."""
    from scipy import stats

    people = len(set(training.people))
    units = people if people >= FEWEST_PEOPLE else len(training)
    far = stats.t.ppf(1 - LEVEL / (2 * figures), units - 1)
    return float(far / stats.norm.ppf(1 - LEVEL / 2))


def _least(name: str, training: Footage) -> float:
    return LEAST if name in training.figures else LEAST_SHARE


def _splits(training: Footage, new: Footage, resamples: int, seed: int) -> list[tuple[Footage, Footage]]:
    """The training footage as (rest, stand-in for the new footage), at most half of it standing in."""
    rng = np.random.default_rng(seed)
    people = np.array(training.people)
    names = np.unique(people)
    pairs = []
    for _ in range(resamples):
        if len(names) >= FEWEST_PEOPLE:
            count = max(1, min(len(set(new.people)), len(names) // 2))
            chosen = np.isin(people, rng.choice(names, count, replace=False))
        else:
            chosen = np.zeros(len(people), bool)
            chosen[rng.permutation(len(people))[: max(1, min(len(new), len(people) // 2))]] = True
        stand_in = np.flatnonzero(chosen)
        stand_in = rng.permutation(stand_in)[: max(1, min(len(stand_in), len(new)))]
        pairs.append((training.take(np.flatnonzero(~chosen)), training.take(stand_in)))
    return pairs


def _change(name: str, distance: float, limit: float, training: Footage, new: Footage) -> Change:
    if name in training.figures:
        before, now = training.figures[name], new.figures[name]
        means = float(before.mean()), float(now.mean())
        ranges = _range(before), _range(now)
        return Change(name, distance, limit, *means, *ranges, say(name, *means, *ranges))
    label = name.split("/")[1]
    before_shares, now_shares = shares(training.labels[label]), shares(new.labels[label])
    words = say_shares(label, before_shares, now_shares)
    return Change(name, distance, limit, 0.0, distance, (0.0, 0.0), (0.0, distance), words)


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.05, 0.95))
    return float(low), float(high)
