"""Train Style-E on the tracked clips of the training split and on picture-free synthetic speech."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from components.common.errors import StageError
from components.runner.stage import Stage, main


def run(stage: Stage) -> Mapping[str, float]:
    """Reads clips, coefficients and annotations; writes `models/style_e` and `plots/train_style_e.csv`."""
    from components.common.runtime import pick_device, seed_everything
    from components.common.training.checkpoint import Checkpoint, array_hash, training_key
    from components.runner.training_identity import training_identity
    from components.style_e.dataset import spoken_clips, tracked_clips, tracked_sentences
    from components.style_e.quality import motion_figures
    from components.style_e.text_encoder import load_text_encoder
    from components.style_e.texts import build_text_bank
    from components.style_e.train import StyleETraining, TrainingData

    params, layout, seed = stage.params.train_style_e, stage.layout, stage.params.runtime.seed
    seed_everything(seed, stage.params.runtime.threads)
    encoder = load_text_encoder(params.text_encoder, params.text_model)
    bank = build_text_bank(encoder, tracked_sentences(layout))
    validation_clips = min(params.synthetic_clips, 24)
    data = TrainingData(
        tracked=tracked_clips(layout, "train", bank, params.bands),
        spoken=spoken_clips(params.synthetic_clips, seed, params.prosody_swap, bank, params.bands),
        tracked_val=tracked_clips(layout, "val", bank, params.bands),
        spoken_val=spoken_clips(validation_clips, seed + 1, 0.0, bank, params.bands),
        bank=bank,
    )
    if not data.train:
        raise StageError("no clip of the training split has both coefficients and annotations")
    training = StyleETraining(params, data, encoder, seed, pick_device(stage.params.runtime.device))
    key = training_key(
        training_identity("train_style_e", stage.params, layout),
        params.model_dump(exclude={"checkpoint_every"}) | {"texts": array_hash([bank.vectors])},
    )
    checkpoint = Checkpoint(layout.checkpoints / "train_style_e", key)
    training.run(checkpoint, stage.tracker, layout.plots("train_style_e"))

    pipeline = training.pipeline()
    pipeline.save_pretrained(layout.style_e)
    stage.tracker.log_artifact(layout.plots("train_style_e"))
    stage.tracker.log_artifact(layout.style_e, "style_e")
    checkpoint.clear()
    return {
        **{name: value for name, value in training.rows[-1].items() if name != "step"},
        **motion_figures(pipeline, data),
        "parameters": float(sum(p.numel() for p in training.nets.parameters())),
        "clips": float(len(data.train)),
    }


if __name__ == "__main__":
    sys.exit(main("train_style_e", run, trains=True))
