"""Seeds from names."""

from __future__ import annotations

import zlib


def derive(*parts: object) -> int:
    """A seed from anything printable. Not `hash()`: that one differs between processes."""
    return zlib.crc32(repr(parts).encode())
