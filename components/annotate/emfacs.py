"""Which action units speak for which emotion: the one table, for what may be said of a face and for naming its emotion.

`EMFACS` holds the units of the prototypes and major variants of Friesen and Ekman, "EMFACS-7: Emotional Facial Action
Coding System", 1983, as tabulated in Ekman, Friesen and Hager, "FACS Investigator's Guide", 2002; of contempt, those of
Ekman and Friesen, "A new pan-cultural facial expression of emotion", 1986, which are seen on one side. The weights are
ours: how much a unit counts when a face is compared with a prototype. Units that appear in few variants, that speech
moves as well (AU17, AU23 to AU27) or that several emotions share count less.
"""

from __future__ import annotations

from collections.abc import Mapping

EMFACS: Mapping[str, Mapping[str, float]] = {
    "neutral": {},
    "happy": {"AU6": 0.8, "AU12": 1.0},
    "sad": {"AU1": 1.0, "AU4": 0.4, "AU15": 1.0, "AU17": 0.4},
    "angry": {"AU4": 1.0, "AU5": 0.2, "AU7": 0.4, "AU23": 0.4, "AU24": 0.5},
    "fear": {"AU1": 1.0, "AU2": 0.3, "AU4": 0.3, "AU5": 1.0, "AU20": 0.9, "AU26": 0.1},
    "surprised": {"AU1": 0.8, "AU2": 1.0, "AU5": 1.0, "AU26": 0.6, "AU27": 0.3},
    "disgusted": {"AU9": 1.0, "AU10": 0.8, "AU15": 0.4, "AU17": 0.4},
    "contempt": {"AU10": 0.2, "AU12": 1.0, "AU14": 0.7},
}
ONE_SIDED = frozenset({"contempt"})  # emotions whose units count by the difference between the sides

# What goes along in footage without being part of the prototype, or tells two prototypes apart: a wrinkled nose draws
# brows and cheeks with it, an angry mouth turns down, a raised eyebrow accompanies contempt; neither lowered brows nor
# stretched lips belong to surprise, as they do to fear. For naming emotions only: nothing may be said of it unseen.
ACCOMPANYING: Mapping[str, Mapping[str, float]] = {
    "angry": {"AU9": 0.3, "AU15": 0.4},
    "surprised": {"AU4": -0.3, "AU20": -0.3},
    "disgusted": {"AU4": 0.5, "AU6": 0.5, "AU7": 0.6},
    "contempt": {"AU2": 1.0},
}


def prototype(emotion: str) -> Mapping[str, float]:
    """Action unit -> weight of one of `EMOTIONS`: its EMFACS units and what accompanies them."""
    return {**EMFACS[emotion], **ACCOMPANYING.get(emotion, {})}
