"""The measuring instruments that learn something themselves: fitted on the training split, applied to test clips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from components.coefficients.calibration import usual_faces
from components.common.artifacts import EMOTIONS, ClipCoefficients
from components.common.clips import Clip
from components.common.media import Image, read_audio, read_frames
from components.common.minilm import SentenceEncoder
from components.common.progress import track
from evaluation.metrics.emotion import EmotionClassifier
from evaluation.metrics.face_features import align, descriptor
from evaluation.metrics.identity import Gallery
from evaluation.metrics.landmarks import lip_aperture, lip_width
from evaluation.metrics.lip_sync import LipPredictor
from evaluation.metrics.text import TextRetriever

MOST_CLIPS = 400  # of the training split; more would not change a linear model
MOST_PEOPLE = 40  # in the gallery
CLIPS_PER_PERSON = 2  # in the gallery
FACES_PER_CLIP = 2  # in the gallery
CLIPS_PER_EXPRESSION = 24  # of a person, whose mean is that person's usual expression
LEAST_CLIPS = 4  # below this nothing can be learnt

Expression = NDArray[np.float32]  # (58,) mean coefficients


@dataclass(frozen=True)
class Judges:
    """Each may be None where the footage cannot teach it; `missing` says so in sentences.

    candidates: (emotions, D) unit embeddings, one text for each emotion in `candidate_emotions`, to be told apart.
    expressions: person -> how the face usually looks; emotions are read as deviations from it.
    """

    emotions: EmotionClassifier | None = None
    texts: TextRetriever | None = None
    lips: LipPredictor | None = None
    people: Gallery | None = None
    candidates: NDArray[np.float32] | None = None
    candidate_emotions: tuple[str, ...] = ()
    expressions: dict[str, Expression] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def deviation(self, motion: NDArray[np.float32], person: str) -> NDArray[np.float32]:
        """A (T, 58) motion of a person, as `emotions` and `texts` take it."""
        return motion - self.expressions[person] if person in self.expressions else motion


def fit_judges(clips: Sequence[Clip]) -> Judges:
    """From the clips outside the test split; usual expressions and the gallery from all. clips: accepted, annotated.

    The emotion classifier learns from extracted coefficients, which is what it will be shown of generated videos.
    """
    training = [clip for clip in clips if clip.split != "test"][:MOST_CLIPS]
    tracked = {
        clip.clip_id: ClipCoefficients.load(clip.coefficients) for clip in track(training, "reading training clips")
    }
    people = _by_person(clips)
    # Without it the classifier of the embedded corpus is right on 67 % of unseen people's clips, with it on 92 %
    # (64 clips of 8 people, one left out at a time): landmarks read each face a little differently.
    expressions = usual_faces(
        {
            person: [ClipCoefficients.load(clip.coefficients).coefficients for clip in own[:CLIPS_PER_EXPRESSION]]
            for person, own in people.items()
        }
    )
    missing: list[str] = []
    emotions, texts, candidates, names = _fit_text_judges(training, tracked, expressions, missing)
    lips = None
    if len(training) >= LEAST_CLIPS:
        sounds = [read_audio(clip.audio) for clip in training]
        lips = LipPredictor.fit(sounds, [lip_curves(tracked[clip.clip_id].landmarks) for clip in training])
    else:
        missing.append("Lip sync: too few training clips to learn what lips do with sound.")
    gallery = None
    descriptors = _descriptors(people)
    if len(descriptors) >= 2:
        gallery = Gallery.build(descriptors)
    else:
        missing.append("Same person: the footage shows one person only, so there is nobody to tell apart from.")
    return Judges(emotions, texts, lips, gallery, candidates, names, expressions, missing)


def lip_curves(landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """(T, 478, 3) -> (T, 2): what the lip predictor predicts."""
    return np.stack([lip_aperture(landmarks), lip_width(landmarks)], axis=1)


def _by_person(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """Person -> their clips, people sorted."""
    people: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        people[clip.identity].append(clip)
    return dict(sorted(people.items()))


def _fit_text_judges(
    training: Sequence[Clip],
    tracked: Mapping[str, ClipCoefficients],
    expressions: Mapping[str, Expression],
    missing: list[str],
) -> tuple[EmotionClassifier | None, TextRetriever | None, NDArray[np.float32] | None, tuple[str, ...]]:
    """Classifier, retriever, candidate embeddings and the candidates' emotions."""
    labeled = [clip for clip in training if clip.emotion]
    # One text for each emotion, of the strongest clip: these are the candidates that retrieval must tell apart.
    strongest: dict[str, str] = {}
    for clip in sorted(labeled, key=lambda clip: (-clip.intensity, clip.clip_id)):
        strongest.setdefault(clip.emotion, clip.annotation.sentences[0])
    names = tuple(name for name in EMOTIONS if name in strongest)
    if len(names) < 2 or len(labeled) < LEAST_CLIPS:
        missing.append("Emotion seen and text found again: the footage has no emotion labels to learn from.")
        return None, None, None, ()
    motions = [tracked[clip.clip_id].coefficients - expressions[clip.identity] for clip in labeled]
    encoder = SentenceEncoder()
    retriever = TextRetriever.fit(motions, encoder.encode([clip.annotation.sentences[0] for clip in labeled]))
    classifier = EmotionClassifier.fit(motions, [clip.emotion for clip in labeled])
    return classifier, retriever, encoder.encode([strongest[name] for name in names]), names


def _descriptors(people: Mapping[str, Sequence[Clip]]) -> dict[str, NDArray[np.float64]]:
    """Person -> (N, D) descriptors of real frames; people without a visible face are left out."""
    faces = {
        person: [face for clip in clips[:CLIPS_PER_PERSON] for face in some_faces(clip, FACES_PER_CLIP)]
        for person, clips in list(people.items())[:MOST_PEOPLE]
    }
    return {person: descriptor(images) for person, images in faces.items() if images}


def some_faces(clip: Clip, count: int) -> list[Image]:
    """`count` aligned faces spread over a clip, from frames where a face was seen."""
    tracked = ClipCoefficients.load(clip.coefficients)
    valid = np.flatnonzero(tracked.valid)
    if not len(valid):
        return []
    chosen = {int(valid[i]) for i in np.linspace(0, len(valid) - 1, count).round().astype(int)}
    return [align(frame, tracked.landmarks[i]) for i, frame in enumerate(read_frames(clip.video)) if i in chosen]


def aligned_faces(frames: Sequence[Image], tracked: ClipCoefficients, step: int) -> list[Image]:
    """Every `step`-th face of a clip, aligned, where one was seen."""
    return [align(frames[i], tracked.landmarks[i]) for i in range(0, len(frames), step) if tracked.valid[i]]
