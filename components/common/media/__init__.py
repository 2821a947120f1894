"""Video, audio and pictures in and out: the one door to PyAV, Pillow and soundfile. Local files only."""

from __future__ import annotations

from components.common.media.audio import Sound as Sound
from components.common.media.audio import read_audio as read_audio
from components.common.media.audio import read_sound as read_sound
from components.common.media.audio import write_wav as write_wav
from components.common.media.containers import Image as Image
from components.common.media.containers import Waveform as Waveform
from components.common.media.containers import open_media as open_media
from components.common.media.images import read_image as read_image
from components.common.media.video_reader import TimedFrame as TimedFrame
from components.common.media.video_reader import VideoReader as VideoReader
from components.common.media.video_reader import read_frames as read_frames
from components.common.media.video_writer import VideoWriter as VideoWriter
from components.common.media.video_writer import write_video as write_video
