"""What a face reads as at rest, and readings set against it: the one place that knows of a reading's bias and gain.

Coefficients carry a bias of the person and of the kind of footage: some people have low brows, and real people's brows
sit lower than those of the rendered heads that the regressor learned from. And they show an expression attenuated: a
ridge regression draws what it reads towards the mean, and a clip's lasting expression hides in its median face, so that
of a raised brow that is truly .7 it reads .4. `attenuation` measures how much is left, and here it is given back.

Axes: T frames, N clips; 58 coefficients, of which the first 52 are weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import ARKIT_NAMES, INDEX, POSE, WEIGHTS, sided
from components.common.artifacts import ClipCoefficients, read_json, write_json
from components.common.errors import UserError

Floats = NDArray[np.float32]
Attenuation = NDArray[np.float32]  # (52,) slope of the reading on the truth, in (0, 1]

# About the median of nine public photos, paintings and films. The regressor learned from rendered heads, whose brows
# sit higher and whose noses are smoother. Without knowing the person, nobody can tell a low brow from a lowered one.
REST_OF_REAL_FACES: dict[str, float] = {
    "browDown": 0.45,
    "noseSneer": 0.35,
    "mouthFrown": 0.30,
    "mouthPress": 0.30,
    "eyeSquint": 0.30,
    "cheekSquint": 0.20,
}
CALM = 20.0  # percentile of the clips' means that counts as rest
FEWEST = 4  # clips; with fewer of a person the corpus decides, with fewer in the corpus what real faces usually show
LARGEST = 0.6  # a rest above this is an error somewhere, not a resting face

# Weights whose readings are set above rest and to their true size. Mouth and blinks stay as read: lips would follow the
# jaw less well under a wider smile, and of blinks the motion matters, which is read well.
_EXPRESSION_STEMS = ("brow", "cheekSquint", "eyeSquint", "eyeWide", "noseSneer")
EXPRESSION = np.array([i for i, name in enumerate(ARKIT_NAMES) if name.startswith(_EXPRESSION_STEMS)])
_ATTENUATION_FILE = "shares.json"
_TURN = slice(INDEX["yaw"], INDEX["roll"] + 1)


def rest_of_real_faces() -> Floats:
    """(52,) what the regressor reads off real people's resting faces."""
    rest = np.zeros(WEIGHTS, np.float32)
    for stem, weight in REST_OF_REAL_FACES.items():
        rest[list(sided(stem))] = weight
    return rest


def resting_weights(clips: Sequence[ClipCoefficients], identities: Sequence[str]) -> list[Floats]:
    """For each clip the (52,) weights of its person at rest: those that even the calmest of their clips show.

    identities: (N,) who is seen in which clip. With few clips of a person the corpus decides, with few clips in the
    corpus `rest_of_real_faces`.
    """
    means = np.stack([_mean(clip) for clip in clips])  # (N, 52)
    corpus = _calm(means) if len(clips) >= FEWEST else rest_of_real_faces()
    names = np.array(identities)
    rests = {
        name: _calm(means[names == name]) if (names == name).sum() >= FEWEST else corpus for name in set(identities)
    }
    return [rests[name] for name in identities]


def above_rest(coefficients: NDArray[np.floating], rest: NDArray[np.floating], lowest: float = -np.inf) -> Floats:
    """(..., 58) with every weight stretched from [rest, 1] to [0, 1].

    rest: (52,) in [0, 1). lowest: bound of the weights from below. Clips keep what is calmer than rest (negative), of
    which the mean over time makes sense; a single picture has 0 there.
    """
    lifted = coefficients.astype(np.float32, copy=True)
    lifted[..., :WEIGHTS] = np.maximum(lowest, (lifted[..., :WEIGHTS] - rest) / (1.0 - rest))
    return lifted


def undo_attenuation(
    coefficients: NDArray[np.floating], rest: NDArray[np.floating], attenuation: NDArray[np.floating]
) -> Floats:
    """(T, 58) readings with the `EXPRESSION` weights above rest and at their true size; calmer than rest is below 0.

    rest: (52,) of `resting_weights`. attenuation: (52,) of `load_attenuation`. Whoever learns from the result learns
    departures from rest at their true size, so that a text asks as much of a portrait as of the faces it was learned
    from; picture-free clips and portraits have the same zero.
    """
    out = np.array(coefficients, np.float32)
    out[:, EXPRESSION] = (out[:, EXPRESSION] - rest[EXPRESSION]) / attenuation[EXPRESSION]
    return out


def save_attenuation(folder: Path, attenuation: Attenuation) -> None:
    """Write (52,) beside the regressor, rounded to 4 digits."""
    write_json(
        folder / _ATTENUATION_FILE,
        {name: round(float(slope), 4) for name, slope in zip(ARKIT_NAMES, attenuation, strict=True)},
    )


def load_attenuation(folder: Path) -> Attenuation:
    """(52,).

    Raises:
        UserError: the regressor's folder lacks it, or it is of another version.
    """
    stored = read_json(folder / _ATTENUATION_FILE)
    if set(stored) != set(ARKIT_NAMES):
        raise UserError(f"{folder / _ATTENUATION_FILE} is of another version; run `dvc repro fit_regressor`")
    return np.array([stored[name] for name in ARKIT_NAMES], np.float32)


def usual_turns(clips: Sequence[ClipCoefficients], identities: Sequence[str]) -> dict[str, Floats]:
    """Person -> (3,) yaw, pitch, roll: the median over their clips of each clip's median."""
    medians: dict[str, list[Floats]] = {}
    for identity, clip in zip(identities, clips, strict=True):
        medians.setdefault(identity, []).append(np.median(clip.coefficients[:, _TURN], 0))
    return {identity: np.median(np.stack(rows), 0).astype(np.float32) for identity, rows in medians.items()}


def resting_pose(coefficients: NDArray[np.floating], turn: NDArray[np.floating]) -> Floats:
    """(6,) resting pose of tracked footage: the person's usual head turn (3,), this clip's usual place and size.

    coefficients: (T, 58). The turn comes from all clips of a person (`usual_turns`), so that an emotion's own head pose
    (lowered in sadness) stays a departure; place and size depend on each clip's framing.
    """
    place = np.median(coefficients[:, POSE.start + 3 : POSE.stop], 0)
    return np.concatenate([np.asarray(turn, np.float32), place]).astype(np.float32)


def usual_faces(clips: Mapping[str, Sequence[NDArray[np.float32]]]) -> dict[str, Floats]:
    """Person -> (58,) mean of their clips (T, 58), drawn towards everybody's mean as if by one more clip.

    The zero of measures that compare emotions within a person, where a mean serves better than the calmest clips.
    """
    means = {person: np.stack([rows.mean(axis=0) for rows in own]) for person, own in sorted(clips.items())}
    everybody = np.concatenate(list(means.values())).mean(axis=0)
    return {person: (own.sum(axis=0) + everybody) / (len(own) + 1) for person, own in means.items()}


def _mean(clip: ClipCoefficients) -> Floats:
    rows = clip.coefficients[clip.valid] if clip.valid.any() else clip.coefficients
    return np.asarray(rows[:, :WEIGHTS].mean(axis=0))


def _calm(means: Floats) -> Floats:
    return np.minimum(np.percentile(means, CALM, axis=0), LARGEST).astype(np.float32)
