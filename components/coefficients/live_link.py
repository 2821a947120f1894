"""Any motion as a Live Link Face CSV, which Unreal, Blender and other animation tools read.

Example: ``python -m components.coefficients.live_link --coefficients clip.safetensors --out clip.csv``
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import ARKIT_NAMES, COEFFICIENTS, GAZE_RANGE, INDEX, WEIGHTS
from components.common.artifacts import FPS, atomic, load_arrays
from components.common.errors import UserError
from components.runner.command import command_parser, run_command

ROTATIONS = (
    *("HeadYaw", "HeadPitch", "HeadRoll"),
    *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
)
HEADER = ("Timecode", "BlendshapeCount", *(name[0].upper() + name[1:] for name in ARKIT_NAMES), *ROTATIONS)


def timecode(frame: int, fps: int = FPS) -> str:
    """Hours, minutes, seconds and frames of a frame number: 1501 at 25 fps -> ``00:01:00:01.000``."""
    seconds, rest = divmod(frame, fps)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}.000"


def rotations(coefficients: NDArray[np.floating]) -> NDArray[np.float64]:
    """(T, 58) -> (T, 9) radians in the order of `ROTATIONS`: the head, then each eye from its eyeLook weights."""

    def w(name: str) -> NDArray[np.floating]:
        return np.asarray(coefficients[:, INDEX[name]])

    still = np.zeros(len(coefficients))
    columns = [w("yaw"), w("pitch"), w("roll")]
    # Image right is outward for the left eye and inward for the right one.
    for side, outward in (("Left", 1.0), ("Right", -1.0)):
        yaw = outward * (w("eyeLookOut" + side) - w("eyeLookIn" + side)) * GAZE_RANGE
        pitch = (w("eyeLookDown" + side) - w("eyeLookUp" + side)) * GAZE_RANGE
        columns += [yaw, pitch, still]
    return np.stack(columns, axis=1).astype(np.float64)


def write_live_link(path: Path, coefficients: NDArray[np.floating], fps: int = FPS) -> None:
    """Write (T, 58) coefficients, a row for each frame.

    Raises:
        UserError: the array has another shape.
    """
    if coefficients.ndim != 2 or coefficients.shape[1] != COEFFICIENTS:
        raise UserError(f"motion must be (frames, {COEFFICIENTS}), not {coefficients.shape}")
    values = np.concatenate([coefficients[:, :WEIGHTS], rotations(coefficients)], axis=1)
    with atomic(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for frame, row in enumerate(values):
            writer.writerow([timecode(frame, fps), values.shape[1], *(f"{value:.6f}" for value in row)])


def main(arguments: list[str] | None = None) -> int:
    parser = command_parser("components.coefficients.live_link", __doc__)
    parser.add_argument("--coefficients", type=Path, required=True, help="safetensors file with `coefficients` (T, 58)")
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    parser.add_argument("--fps", type=int, default=FPS, help=f"frames a second (default: {FPS})")
    options = parser.parse_args(arguments)

    def work() -> None:
        if options.fps < 1:
            raise UserError(f"--fps must be positive, not {options.fps}")
        arrays, _ = load_arrays(options.coefficients)
        if "coefficients" not in arrays:
            raise UserError(f"{options.coefficients} holds no `coefficients`")
        write_live_link(options.out, arrays["coefficients"], options.fps)
        print(f"{options.out}: {len(arrays['coefficients'])} frames")

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
