"""Small ICC profiles (version 2), byte by byte: RGB by its corners, gray by its gamma, CMYK by a table."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping, Sequence

# Columns of Display P3 and Adobe RGB in the profile's own white (D50).
P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
D50 = (0.9642, 1.0, 0.8249)


def _fixed(values: Sequence[float]) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(v * 65_536) for v in values))


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _profile(space: bytes, connection: bytes, kind: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)
    named = {b"desc": text, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(D50), **tags}
    table, data, start = b"", b"", 132 + 12 * len(named)
    for name, content in named.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", start + len(data), len(content))
        data += padded
    size = start + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"test", 0x02100000, kind, space, connection)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(D50) + bytes(48)
    return head + struct.pack(">I", len(named)) + table + data


def rgb(columns: Sequence[Sequence[float]], gamma: float = 2.2) -> bytes:
    names = zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    curves = {name: _gamma(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(b"RGB ", b"XYZ ", b"mntr", {**{name: _xyz(c) for name, c in names}, **curves})


def gray(gamma: float) -> bytes:
    return _profile(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": _gamma(gamma)})


def cmyk(cyan: tuple[int, int, int]) -> bytes:
    """Paper is white; full cyan is the Lab color given (8-bit encoding), every other ink darkens to black."""
    grid = itertools.product((0, 1), repeat=4)
    colors = [cyan if inks == (1, 0, 0, 0) else (255, 128, 128) if not any(inks) else (0, 128, 128) for inks in grid]
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + _fixed([1, 0, 0, 0, 1, 0, 0, 0, 1]) + ramp * 4
    return _profile(b"CMYK", b"Lab ", b"prtr", {b"A2B0": table + bytes(itertools.chain(*colors)) + ramp * 3})
