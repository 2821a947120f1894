"""What a writer and a ranker know about a clip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.annotate.action_units import ActionUnit

_MEAD_IDENTITY = re.compile(r"([MW])\d{3}$")  # MEAD names its people so, and the letter tells the sex


@dataclass(frozen=True)
class Brief:
    """One clip: its emotion (one of `EMOTIONS`), intensity 1-3, active action units, and who is seen."""

    clip_id: str
    emotion: str
    intensity: int
    units: Mapping[str, ActionUnit] = field(default_factory=dict)
    person: str = "person"  # person, man or woman


def person_of(identity: str) -> str:
    """man or woman where the identity's name says so, as MEAD's do; else person."""
    match = _MEAD_IDENTITY.match(identity)
    return {"M": "man", "W": "woman"}[match.group(1)] if match else "person"
