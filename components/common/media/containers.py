"""Opening media files safely: local files in real containers only, never a URL, playlist or other protocol."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from components.common.errors import UserError, translated

Image = NDArray[np.uint8]  # (H, W, 3) RGB
Waveform = NDArray[np.float32]  # (samples,) mono in [-1, 1]

HEAD_BYTES = 4096  # of a file, to say what it is when FFmpeg cannot read it
# Playlists (hls, concat, dash, sdp) are left out: they would make FFmpeg open other files and addresses.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,asf,ogg,mxf,nut,gif,ivf,h264,hevc,"
    "wav,w64,mp3,flac,aac,aiff,caf,amr,au,ac3,wv"
)


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a local media file. Whatever goes wrong with it, here or in the block, becomes a one-line `UserError`."""
    check_file(path)
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
            head = stream.read(HEAD_BYTES)
            stream.seek(0)
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror})") from error
        try:
            # A Python file object keeps FFmpeg from interpreting the name as a protocol.
            options = {"format_whitelist": FORMATS, "protocol_whitelist": "pipe"}
            container: InputContainer = av.open(stream, "r", options=options, metadata_errors="replace")
        except Exception as error:  # FFmpeg's own, and whatever PyAV makes of a strange header
            raise UserError(f"{path} {_why_unreadable(head)}") from error
        stack.enter_context(container)
        with translated(f"{path} is damaged, or of a kind that cannot be read"):
            yield container


def check_file(path: Path) -> None:
    """Refuse, without opening it, what is no file, or an empty one: some of /proc are, and make their readers wait."""
    if not os.path.isfile(path):  # pathlib's raises for some names
        raise UserError(f"{path} is not a file")
    if not os.stat(path).st_size:
        raise UserError(f"{path} is empty (0 bytes)")


def _why_unreadable(head: bytes) -> str:
    """What a file that FFmpeg refuses most likely is, from its first bytes."""
    if b"ftyp" in head[:16]:
        return "is cut off or damaged: the index of the mp4 is missing"
    try:
        # A multi-byte letter may be cut at the end of the sample.
        text = head.decode("utf-8") if len(head) < HEAD_BYTES else head[:-4].decode("utf-8", "ignore")
    except UnicodeDecodeError:
        text = "\0"
    if text.isascii() and all(letter.isprintable() or letter.isspace() for letter in text):
        return "is a text file, not video or audio"
    return "is not a media file that FFmpeg can read"
