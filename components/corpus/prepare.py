"""One source clip to one prepared clip: cropped 25 fps H.264 and 16 kHz wav of equal length, or a reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import FPS, SAMPLE_RATE, ClipTruth
from components.common.errors import UserError
from components.common.media import Image, Sound, VideoReader, VideoWriter, Waveform, read_sound, write_wav
from components.corpus.clip_ids import printable
from components.corpus.readers.reader import Rejection, SourceClip
from components.corpus.scan import Scan, Unusable, pick_frames, scan
from components.face.crop import CropBox

SAMPLES_PER_FRAME = SAMPLE_RATE // FPS  # 640
SILENCE = 1e-3  # peak, -60 dB: nobody is heard below it
MAX_SILENT_TAIL = 0.2  # share of the picture that may go on after the sound has ended; silence fills it
CRF = 16  # x264 quality of prepared clips: near the source, since they are encoded a second time


@dataclass(frozen=True)
class PrepareJob:
    """A source clip and where its results go; small, so that it travels to worker processes."""

    clip: SourceClip
    clip_id: str
    clips: Path  # folder of videos and sounds
    truth: Path  # folder of true motion
    size: int  # side of the crop, pixels
    min_seconds: float
    max_seconds: float


@dataclass(frozen=True)
class PreparedClip:
    """What became of a clip. video and audio: file names below the clips' folder."""

    clip: SourceClip
    clip_id: str
    video: str
    audio: str
    frames: int
    face_rate: float  # share of sampled frames with the face
    sha256: str  # of the video file


def prepare_clip(job: PrepareJob) -> PreparedClip | Rejection:
    """Prepare one clip. Bad input gives a `Rejection`, never an exception and never a half-written clip."""
    try:
        return _prepare(job)
    except Unusable as reason:
        return Rejection(job.clip.file, str(reason))
    except UserError as error:
        # Messages of the media layer begin with the path, which the table names already.
        return Rejection(job.clip.file, _without_path(str(error), job.clip))


def _prepare(job: PrepareJob) -> PreparedClip:
    clip = job.clip
    footage = scan(clip.path, job.max_seconds)
    if footage.seconds < job.min_seconds:
        raise Unusable(f"too short: {footage.seconds:.2f} seconds, at least {job.min_seconds:g} are needed")
    picks = pick_frames(footage.times, footage.step, job.max_seconds)
    audio = fit_audio(clip_sound(clip, footage, job.max_seconds), len(picks))
    box = footage.crop()
    truth = _moved_truth(clip.truth, footage, picks, box) if clip.truth else None

    video, sound = job.clips / f"{job.clip_id}.mp4", job.clips / f"{job.clip_id}.wav"
    with VideoWriter(video, job.size, job.size, audio=audio, crf=CRF) as writer:
        for image in cropped_frames(clip.path, picks, box, job.size):
            writer.add(image)
    write_wav(sound, audio)
    if truth:
        truth.save(job.truth / f"{job.clip_id}.safetensors")
    digest = hashlib.sha256(video.read_bytes()).hexdigest()
    return PreparedClip(clip, job.clip_id, video.name, sound.name, len(picks), footage.face_rate, digest)


def cropped_frames(path: Path, picks: NDArray[np.int64], box: CropBox, size: int) -> Iterator[Image]:
    """The picked source frames in order, cut and scaled to (size, size, 3); an index may come several times."""
    remaining = iter(picks.tolist())
    pick = next(remaining, None)
    with VideoReader(path) as video:
        for index, frame in enumerate(video):
            if pick is None:
                return
            if index < pick:
                continue
            image = box.apply(frame.image(), size)
            while pick == index:
                yield image
                pick = next(remaining, None)
    if pick is not None:
        raise Unusable("the file changed while it was read")


def clip_sound(clip: SourceClip, footage: Scan, max_seconds: float) -> Sound:
    """A clip's sound with its start in seconds from the first frame.

    Raises:
        Unusable: none, silent, or much shorter than the picture.
    """
    try:
        sound = read_sound(clip.audio or clip.path, SAMPLE_RATE, seconds=max_seconds + 1)
    except UserError as error:
        raise Unusable(_without_path(str(error), clip)) from error
    # A separate file has a clock of its own, which starts with the picture.
    start = sound.lead if clip.audio else sound.start - float(footage.times[0])
    peak = float(np.abs(sound.samples).max())
    if peak < SILENCE:
        raise Unusable("the audio is silent")
    seconds = min(footage.seconds, max_seconds)
    end = start + len(sound.samples) / SAMPLE_RATE
    if end < (1 - MAX_SILENT_TAIL) * seconds or start > MAX_SILENT_TAIL * seconds:
        raise Unusable(f"the audio covers {max(0.0, start):.1f} to {end:.1f} of {seconds:.1f} seconds of video")
    return Sound(start, sound.samples)


def fit_audio(sound: Sound, frames: int) -> Waveform:
    """Exactly 640 samples a frame: cut, or padded with silence, at both ends.  -> (frames * 640,)"""
    audio = np.zeros(frames * SAMPLES_PER_FRAME, np.float32)
    shift = round(sound.start * SAMPLE_RATE)
    samples = sound.samples[max(0, -shift) :]
    begin = max(0, shift)
    count = max(0, min(len(samples), len(audio) - begin))
    audio[begin : begin + count] = samples[:count]
    return audio


def _moved_truth(path: Path, footage: Scan, picks: NDArray[np.int64], box: CropBox) -> ClipTruth:
    """True motion of the picked frames, relative to the crop."""
    truth = ClipTruth.load(path)
    if len(truth.coefficients) != len(footage.times):
        raise Unusable(f"the true motion has {len(truth.coefficients)} rows, the video {len(footage.times)} frames")
    coefficients = box.move(truth.coefficients[picks], footage.width, footage.height)
    return ClipTruth(coefficients, truth.phonemes, truth.text)


def _without_path(message: str, clip: SourceClip) -> str:
    for path, name in ((clip.path, "the file"), (clip.audio, "the audio file")):
        message = message.replace(f"{path}: ", "").replace(str(path), name) if path else message
    return printable(message)
