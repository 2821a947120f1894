"""A small prepared corpus on disk, as the stages before Style-E would leave it."""

import numpy as np

from components.coefficients.calibration import save_attenuation
from components.common.arkit import INDEX, WEIGHTS
from components.common.artifacts import ANNOTATION_COLUMNS, MANIFEST_COLUMNS, ClipCoefficients, write_json, write_table
from components.common.layout import Layout
from components.common.media import write_wav
from components.synthetic.motion.clips import picture_free_clips

SENTENCES = ["She looks happy.", "He is quite sad."]


def write_corpus(layout: Layout, count: int = 6) -> None:
    """A prepared corpus of two people in train and one in val, with the true motion standing in for tracked motion."""
    manifest, notes = [], []
    for i, motion in enumerate(picture_free_clips(count, 11, seconds=1.6)):
        clip_id, frames = f"clip{i}", len(motion.coefficients)
        write_wav(layout.prepared / "clips" / f"{clip_id}.wav", motion.audio)
        tracked = motion.coefficients.copy()
        tracked[:, INDEX["yaw"]] += 0.2  # a camera that stands to the side
        valid = np.ones(frames, bool)
        valid[3] = False
        ClipCoefficients(tracked, np.zeros((frames, 478, 3), np.float32), valid).save(
            layout.coefficients / f"{clip_id}.safetensors"
        )
        manifest.append(
            {
                "clip_id": clip_id, "identity": f"person{i % 3}", "emotion": motion.emotion,
                "intensity": motion.intensity, "split": "val" if i % 3 == 2 else "train", "fps": 25, "frames": frames,
                "sample_rate": 16_000, "video": "", "audio": f"clips/{clip_id}.wav", "source": "", "sha256": "",
            }
        )  # fmt: skip
        notes.append(
            {
                "clip_id": clip_id, "emotion": motion.emotion, "intensity": motion.intensity, "action_units": "{}",
                "sentences": SENTENCES, "writer": "grammar", "ranker": "sentence",
            }
        )  # fmt: skip
    save_attenuation(layout.regressor, np.ones(WEIGHTS, np.float32))
    write_table(layout.manifest, manifest, MANIFEST_COLUMNS)
    write_table(layout.annotations, notes, ANNOTATION_COLUMNS)
    write_json(layout.rejected, {})
