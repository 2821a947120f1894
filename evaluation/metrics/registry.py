"""The names of all metrics, with unit, direction and a sentence for people: one home, which the report and gate read.

A name is `<part>/<metric>`: `style_e` is the motion from speech and text alone, `style_a` pictures from given motion
alone, `art` the art style alone, `talker` the whole generator from text and speech to video.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from components.common.agreement import pearson
from evaluation.metrics import emotion, frechet, identity, image, landmarks, lip_sync, temporal, text


@dataclass(frozen=True)
class Metric:
    """One number of the evaluation.

    unit: "" for a plain number in the range the description names. higher_is_better: None where neither end is good.
    function: the pure function or method behind it (None: counted by the evaluation of that part itself).
    """

    name: str
    title: str
    unit: str
    higher_is_better: bool | None
    description: str
    function: Callable[..., Any] | None = None


PARTS: dict[str, str] = {
    "talker": "The whole talker: portrait, speech and emotion text to video",
    "style_a": "Style-A alone: the portrait moved by the true clip's own motion",
    "art": "Art style alone: portrait and art picture to a styled portrait",
    "style_e": "Style-E alone: speech and emotion text to motion, on sentences and voices it never heard",
}

_ALL: tuple[Metric, ...] = (
    # talker
    Metric(
        "talker/face_found_rate", "Face found", "share", True,
        "Share of generated frames in which a face detector finds a face.",
    ),
    Metric(
        "talker/styled_face_found_rate", "Face found, styled", "share", True,
        "The same for videos painted in an art style.",
    ),
    Metric(
        "talker/lip_correlation", "Lips obey", "r", True,
        "Correlation over time of the lip gap seen in the video with the jaw opening that was asked for.",
        pearson,
    ),
    Metric(
        "talker/sync_confidence", "Lip sync confidence", "r", True,
        "How far the agreement of lips and sound at the best lag stands out from other lags; 0 is unrelated.",
        lip_sync.measure_sync,
    ),
    Metric(
        "talker/sync_confidence_truth", "Lip sync confidence, true video", "r", True,
        "The same measure on the true videos: what a perfect generator would score.",
        lip_sync.measure_sync,
    ),
    Metric(
        "talker/sync_offset", "Lip sync offset", "frames", False,
        "Distance of the best lag between lips and sound from zero; a frame is 40 ms.",
        lip_sync.measure_sync,
    ),
    Metric(
        "talker/emotion_accuracy", "Emotion seen", "share", True,
        "Share of videos whose emotion, read back from the pixels by a classifier, is the one in the text (of eight).",
        emotion.EmotionClassifier.predict,
    ),
    Metric(
        "talker/emotion_accuracy_truth", "Emotion seen, true video", "share", True,
        "The same classifier on the true videos: its own ceiling.",
        emotion.EmotionClassifier.predict,
    ),
    Metric(
        "talker/text_retrieval", "Text found again", "share", True,
        "Share of videos for which the right text is picked among one text of each emotion, from the motion alone.",
        text.TextRetriever.finds,
    ),
    Metric(
        "talker/identity_similarity", "Same person", "cosine", True,
        "Similarity of generated faces to the portrait's person, from -1 to 1; other people are near or below 0.",
        identity.Gallery.similarity,
    ),
    Metric(
        "talker/frechet_face_distance", "Frechet face distance", "", False,
        "Distance between the looks of all generated and all true faces on a frozen network's features; 0 is the same.",
        frechet.frechet_distance,
    ),
    Metric(
        "talker/jitter_ratio", "Jitter", "x truth", False,
        "Frame-to-frame trembling of the face's points over that of the true clips.",
        temporal.landmark_jitter,
    ),
    # style_a
    Metric("style_a/psnr", "PSNR", "dB", True, "Closeness to the true frames, pixel by pixel.", image.psnr),
    Metric(
        "style_a/psnr_gain_over_no_motion", "PSNR gain", "dB", True,
        "PSNR won over showing the unmoved portrait in every frame.", image.psnr,
    ),
    Metric(
        "style_a/psnr_gain_over_prior", "PSNR gain over the prior", "dB", True,
        "PSNR that learning adds to the landmark-mesh prior without any training.", image.psnr,
    ),
    Metric(
        "style_a/mouth_psnr_gain_over_no_motion", "PSNR gain, mouth", "dB", True,
        "PSNR won over the unmoved portrait around the mouth.", image.psnr,
    ),
    Metric(
        "style_a/mouth_psnr_gain_over_prior", "PSNR gain over the prior, mouth", "dB", True,
        "PSNR that learning adds to the prior around the mouth.", image.psnr,
    ),
    Metric(
        "style_a/pair_psnr_gain_over_no_motion", "PSNR gain, far frames", "dB", True,
        "PSNR won over the unmoved portrait when one frame of a clip is moved to a distant one.", image.psnr,
    ),
    Metric(
        "style_a/pair_psnr_gain_over_prior", "PSNR gain over prior, far", "dB", True,
        "PSNR that learning adds to the prior between distant frames.", image.psnr,
    ),
    Metric(
        "style_a/pair_mouth_psnr_gain_over_no_motion", "PSNR gain, mouth, far", "dB", True,
        "PSNR won over the unmoved portrait around the mouth, between distant frames.", image.psnr,
    ),
    Metric(
        "style_a/pair_mouth_psnr_gain_over_prior", "Mouth gain over prior, far", "dB", True,
        "PSNR that learning adds to the prior around the mouth, between distant frames.", image.psnr,
    ),
    Metric("style_a/ssim", "SSIM", "", True, "Structural similarity to the true frames, 1 is equal.", image.ssim),
    Metric(
        "style_a/sharpness_ratio", "Sharpness", "x truth", True,
        "Fine detail of the generated frames over that of the true frames.", image.sharpness,
    ),
    Metric(
        "style_a/face_landmark_distance", "F-LMD", "%", False,
        "Mean distance of the face's points from where they should be, in percent of the eye distance.",
        landmarks.face_landmark_distance,
    ),
    Metric(
        "style_a/mouth_landmark_distance", "M-LMD", "%", False,
        "The same for the lips, head motion taken out.", landmarks.mouth_landmark_distance,
    ),
    Metric(
        "style_a/lip_aperture_correlation", "Lip gap follows", "r", True,
        "Correlation over time of the lip gap with that of the true clip.", pearson,
    ),
    Metric(
        "style_a/eye_opening_correlation", "Eyes follow", "r", True,
        "Correlation over time of the eyes' opening with that of the true clip.", pearson,
    ),
    Metric(
        "style_a/face_found_rate", "Face found", "share", True,
        "Share of generated frames in which a face detector finds a face.",
    ),
    Metric(
        "style_a/identity_similarity", "Same person", "cosine", True,
        "Similarity of generated faces to the portrait's person, from -1 to 1.", identity.Gallery.similarity,
    ),
    Metric(
        "style_a/frechet_face_distance", "Frechet face distance", "", False,
        "Distance between the looks of generated and true faces on a frozen network's features.",
        frechet.frechet_distance,
    ),
    Metric(
        "style_a/flicker_ratio", "Flicker", "x truth", False,
        "Frame-to-frame shimmer of the pixels over that of the true frames.", temporal.flicker,
    ),
    Metric(
        "style_a/zero_motion_psnr", "Portrait kept", "dB", True,
        "PSNR of the portrait against itself driven by no motion, without art style.", image.psnr,
    ),
    # art
    Metric(
        "art/style_accuracy", "Style recognized", "share", True,
        "Share of styled portraits whose art style an independent judge names rightly among eight.",
    ),
    Metric(
        "art/style_accuracy_ceiling", "Style recognized, ceiling", "share", True,
        "The judge on the procedural stylizers' own pictures of the same portraits.",
    ),
    # style_e
    Metric(
        "style_e/jaw_open_correlation", "Jaw follows speech", "r", True,
        "Correlation over time of the jaw's opening with the true motion of the sentence.", pearson,
    ),
    Metric(
        "style_e/lip_gap_correlation", "Lip gap follows speech", "r", True,
        "The same for the gap between the lips.", pearson,
    ),
    Metric(
        "style_e/closure_rate", "Lips close", "share", True,
        "Share of the sounds p, b and m at which the lips are closed.",
    ),
    Metric(
        "style_e/false_closure_rate", "Lips close wrongly", "share", False,
        "Share of other moments at which the lips are closed though the true ones are open.",
    ),
    Metric(
        "style_e/emotion_accuracy", "Emotion read back", "share", True,
        "Share of sentences whose emotion a classifier trained on true motion reads back, texts worded as in training.",
        emotion.EmotionClassifier.predict,
    ),
    Metric(
        "style_e/emotion_accuracy_unseen_wording", "Emotion read back, new wordings", "share", True,
        "The same for everyday wordings that occur nowhere in training.", emotion.EmotionClassifier.predict,
    ),
    Metric(
        "style_e/emotion_strength_unseen_wording", "Emotion's strength, new wordings", "", True,
        "How far such wordings take the face towards the emotion that they mean: 1 is the mean of its strongest clips.",
    ),
    Metric(
        "style_e/intensity_monotone", "Intensity grows", "share", True,
        "Share of sentences whose expression grows from intensity 1 to 3.",
    ),
    Metric(
        "style_e/jitter_ratio", "Lip jitter", "x truth", False,
        "Frame-to-frame trembling of the lips over that of the true motion.", temporal.jitter,
    ),
    Metric(
        "style_e/blinks_per_second", "Blinks", "1/s", None,
        "Blinks a second; people talking blink 0.2 to 0.6 times.",
    ),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}


def describe(name: str) -> Metric:
    """The registered metric; a name without a home is a programming error (KeyError with the name)."""
    if name not in METRICS:
        raise KeyError(f"metric {name!r} is not in evaluation.metrics.registry")
    return METRICS[name]
