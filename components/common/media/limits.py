"""How much a file may ask for. Small files unpack to anything, so sizes are looked at before anything is decoded.

The numbers together keep one process below 1.5 GB, models included, and a file that shows nothing below half a minute.
"""

from __future__ import annotations

# A picture is decoded whole up to here (256 MB with transparency), and refused beyond: no camera's pictures are larger.
MAX_PIXELS = 64_000_000
# What is worked on: larger pictures are shrunk as they are decoded. A face a tenth as wide still has 400 pixels.
WORKING_PIXELS = 16_000_000
# An art picture gives colors and texture at 64 to 1024 pixels a side; its color statistics are in double precision.
ART_PIXELS = 2_000_000
# OpenCV counts the pixels of a side in 16 bits.
MAX_SIDE = 16_384

# A frame of a video: 4K (4096 x 2160) and a little. A decoder may hold 17 of them, at 6 bytes a pixel.
MAX_FRAME_PIXELS = 4096 * 2304
# All frames of one pass: two minutes of 4K at 60 a second. A minute or two of decoding.
MAX_VIDEO_PIXELS = 70_000_000_000
# Those that may go by without a face: 27 s of 4K at 25 a second, two minutes of 1080p. About ten seconds of decoding.
MAX_FACELESS_PIXELS = 6_000_000_000
# Frames a second; a broken clock may give any number of frames one time.
MAX_FRAME_RATE = 480
