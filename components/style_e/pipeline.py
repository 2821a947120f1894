"""`StyleEPipeline`: speech, emotion text and a reference face to 58 motion coefficients a frame.

Example::

    pipeline = StyleEPipeline.from_pretrained("models/style_e")
    coefficients = pipeline(audio, "she is over the moon", reference)  # (T, 58)
"""

# mypy: allow-untyped-calls, allow-untyped-decorators, no-warn-return-any
# (diffusers, transformers and torch leave their functions untyped)
from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from numpy.typing import NDArray
from torch import Tensor

from components.common.arkit import COEFFICIENTS, POSE, WEIGHTS, weights_to_gaze
from components.common.errors import UserError
from components.style_e import eye_motion
from components.style_e.audio import MELS_PER_FRAME, check_audio, log_mel, normalize
from components.style_e.channels import (
    CHANNELS,
    LEARNED,
    REFERENCE,
    SPEECH,
    from_channels,
    restore_jaw_variance,
    smooth,
)
from components.style_e.networks import AudioEncoder, Conditioner, MotionDenoiser, MotionRegressor, Statistics
from components.style_e.text_encoder import ClipText, MiniLMText, TextEncoder
from components.style_e.texts import emotion_shares
from components.style_e.windows import Predict, WindowPlan, sample

GUIDED_STRENGTH = (0.0, 3.0)  # emotion strengths that are accepted; above 2 faces leave what people can do


class StyleEPipeline(DiffusionPipeline):
    """All networks, the scheduler and the measured scales; saves to and loads from one folder.

    text: "minilm" (the packaged encoder, which is not stored again) or "clip" with its text_encoder and tokenizer.
    """

    _optional_components = ["text_encoder", "tokenizer"]  # noqa: RUF012 (diffusers reads this name)

    conditioner: Conditioner
    audio_encoder: AudioEncoder
    regressor: MotionRegressor
    denoiser: MotionDenoiser
    statistics: Statistics
    scheduler: DDIMScheduler
    text_encoder: Any
    tokenizer: Any

    def __init__(
        self,
        conditioner: Conditioner,
        audio_encoder: AudioEncoder,
        regressor: MotionRegressor,
        denoiser: MotionDenoiser,
        statistics: Statistics,
        scheduler: DDIMScheduler,
        text_encoder: Any = None,
        tokenizer: Any = None,
        text: str = "minilm",
    ) -> None:
        super().__init__()
        self.register_modules(
            conditioner=conditioner,
            audio_encoder=audio_encoder,
            regressor=regressor,
            denoiser=denoiser,
            statistics=statistics,
            scheduler=scheduler,
            text_encoder=text_encoder,
            tokenizer=tokenizer,
        )
        self.register_to_config(text=text)

    @cached_property
    def texts(self) -> TextEncoder:
        """What reads the emotion texts."""
        return MiniLMText() if self.config["text"] == "minilm" else ClipText(self.text_encoder, self.tokenizer)

    @torch.inference_mode()
    def __call__(
        self,
        audio: NDArray[np.floating],
        text: str,
        reference: NDArray[np.floating],
        emotion_strength: float = 1.0,
        seed: int = 0,
        head_motion: float = 1.0,
        blink: float = 1.0,
        expression: float = 1.0,
        lip: float = 1.0,
        steps: int = 5,
        embedding: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Motion for a whole recording: (T, 58) float32, T = round(seconds * 25), at least 1.

        audio: (samples,) mono 16 kHz. text: any wording of an emotion. reference: (58,) coefficients of the portrait.
        emotion_strength: guidance scale; 0 ignores the text, 1 is as trained, 1.5 is strong.
        head_motion, expression, lip: multiply the head's offset from its pose in the portrait, the face's departure
        from the portrait apart from speech, and the speech shapes. blink: multiplies how often the eyes blink.
        steps: DDIM steps. embedding: (D,) the text's vector, if it is at hand already.
        Raises UserError for bad audio, an empty text, or a reference that is not 58 numbers.
        """
        wave, reference = check_audio(audio), check_reference(reference)
        low, high = GUIDED_STRENGTH
        if not low <= emotion_strength <= high:
            raise UserError(f"emotion strength must lie between {low:g} and {high:g}, not {emotion_strength}")
        embedding = self.embed(text) if embedding is None else embedding
        mel = log_mel(wave, self.audio_encoder.config["bands"])
        channels = self.channels(mel, embedding, reference[LEARNED], emotion_strength, seed, steps)

        rest = channels_at_rest(reference)
        channels = restore_jaw_variance(smooth(channels), float(self.statistics.jaw_spread))
        gain = np.where(SPEECH, lip, expression).astype(np.float32)
        gain[REFERENCE:] = head_motion
        around = np.where(SPEECH, 0, rest).astype(np.float32)
        coefficients = from_channels(around + gain * (channels - around), reference[POSE])
        behavior = eye_motion.mix(self.emotion_shares(embedding))
        rng = np.random.default_rng([seed, 1])
        turn = reference[POSE][:2]
        eye_motion.add_eye_motion(coefficients, weights_to_gaze(reference[None])[0], turn, behavior, blink, rng)
        coefficients[:, :WEIGHTS] = np.clip(coefficients[:, :WEIGHTS], 0, 1)
        return coefficients

    def embed(self, text: str) -> NDArray[np.float32]:
        """(D,) vector of an emotion text."""
        if not text.strip():
            raise UserError("the emotion text is empty; write for example 'she is very happy'")
        return self.texts.encode([text])[0]

    @torch.inference_mode()
    def emotion_shares(self, embedding: NDArray[np.float32]) -> NDArray[np.float64]:
        """(8,) how much a text's vector says of each of EMOTIONS; sums to 1."""
        text = torch.from_numpy(np.asarray(embedding, np.float32))[None].to(self.device)
        logits, _ = self.conditioner.read_text(text)
        return emotion_shares(torch.softmax(logits[0], -1).cpu().numpy())

    @torch.inference_mode()
    def channels(
        self,
        mel: NDArray[np.float32],
        embedding: NDArray[np.float32],
        reference: NDArray[np.float32],
        strength: float = 1.0,
        seed: int = 0,
        steps: int = 5,
    ) -> NDArray[np.float32]:
        """What the diffusion itself makes, unsmoothed and without blinks: (T, C) channels in their own units.

        mel: (4 T, K) log mel. embedding: (D,) text vector. reference: (R,) learned weights of the portrait.
        """
        plan = WindowPlan(len(mel) // MELS_PER_FRAME, self.denoiser.config["window"])
        predict = self._predictor(self._features(mel, plan), plan, embedding, reference, strength)
        noise = np.random.default_rng([seed, 0]).standard_normal((plan.length, CHANNELS), np.float32)
        clean = sample(predict, torch.from_numpy(noise), plan, self.scheduler, steps)[: plan.frames]
        stats = self.statistics
        return (clean * stats.motion_std.cpu() + stats.motion_mean.cpu()).numpy()

    def _features(self, mel: NDArray[np.float32], plan: WindowPlan) -> Tensor:
        """(4 (L + 2 context), K) features, silence around the recording."""
        stats, missing = self.statistics, MELS_PER_FRAME * (plan.length - plan.frames)
        pad = MELS_PER_FRAME * self.audio_encoder.config["context"] + missing
        features = normalize(mel, stats.mel_mean.cpu().numpy(), stats.mel_std.cpu().numpy(), pad)
        return torch.from_numpy(features[missing:])

    def _predictor(
        self,
        mel: Tensor,
        plan: WindowPlan,
        embedding: NDArray[np.float32],
        reference: NDArray[np.float32],
        strength: float,
    ) -> Predict:
        """The guided clean prediction. What does not change over the diffusion steps is computed once per window."""
        device = self.device
        conditions = self._conditions(embedding, reference, strength)  # [(1, H), weight] pairs
        context = self.audio_encoder.config["context"]
        prepared: dict[int, tuple[Tensor, list[Tensor]]] = {}

        def prepare(windows: range) -> tuple[Tensor, list[Tensor]]:
            if windows.start not in prepared:
                cut = plan.cut(mel, windows, MELS_PER_FRAME, context).to(device)
                audio = self.audio_encoder(cut)
                rows = len(windows)
                prepared[windows.start] = audio, [self.regressor(audio, c.expand(rows, -1)) for c, _ in conditions]
            return prepared[windows.start]

        def predict(windows: range, noisy: Tensor, step: int) -> Tensor:
            audio, drafts = prepare(windows)
            rows = len(windows)
            time = torch.full((rows,), step, device=device)
            clean = torch.zeros_like(noisy, device=device)
            for (condition, weight), draft in zip(conditions, drafts, strict=True):
                part = self.denoiser(noisy.to(device), time, audio, draft, condition.expand(rows, -1))
                clean = clean + weight * part
            return clean

        return predict

    def _conditions(
        self, embedding: NDArray[np.float32], reference: NDArray[np.float32], strength: float
    ) -> list[tuple[Tensor, float]]:
        """Classifier-free guidance (Ho and Salimans, 2022): null + strength (text - null) as weights."""
        device = self.device
        text = torch.from_numpy(np.asarray(embedding, np.float32))[None].to(device)
        face = torch.from_numpy(np.asarray(reference, np.float32))[None].to(device)
        yes, no = torch.tensor([True], device=device), torch.tensor([False], device=device)
        weights = ((no, 1 - strength), (yes, strength))
        return [(self.conditioner(text, face, keep, yes), weight) for keep, weight in weights if weight != 0]


def check_reference(reference: NDArray[np.floating]) -> NDArray[np.float32]:
    """The reference as (58,) float32, or a `UserError`."""
    row = np.asarray(reference, np.float32)
    if row.shape != (COEFFICIENTS,) or not np.isfinite(row).all() or row[POSE][5] <= 0:
        raise UserError(f"the reference must be {COEFFICIENTS} finite coefficients of a portrait with a positive scale")
    return row


def channels_at_rest(reference: NDArray[np.float32]) -> NDArray[np.float32]:
    """(C,) the portrait itself as channels: its weights, and no offset of the head."""
    return np.concatenate([reference[LEARNED], np.zeros(CHANNELS - REFERENCE, np.float32)])
