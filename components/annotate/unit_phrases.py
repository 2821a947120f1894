"""Action units in plain English, by level, as noun phrases: "a faint smile", "deeply furrowed brows"."""

from __future__ import annotations

from components.annotate.action_units import ActionUnit

# unit -> level -> wordings. Units that speech alone moves (lips part, funneler...) are left out: none remarks on them.
_PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "AU1": {
        "low": ("slightly raised inner brows", "a subtle lift of the inner brows"),
        "middle": ("raised inner brows", "inner brows drawn upward"),
        "high": ("strongly raised inner brows", "inner brows drawn steeply upward"),
    },
    "AU2": {
        "low": ("slightly raised eyebrows", "a subtle brow raise"),
        "middle": ("raised eyebrows", "eyebrows lifted in an arch"),
        "high": ("eyebrows raised high", "highly arched, raised eyebrows"),
    },
    "AU4": {
        "low": ("slightly lowered brows", "a slight furrow of the brow"),
        "middle": ("furrowed brows", "lowered brows"),
        "high": ("deeply furrowed brows", "brows pulled hard down and together"),
    },
    "AU5": {
        "low": ("slightly widened eyes", "upper lids raised a little"),
        "middle": ("widened eyes", "raised upper lids"),
        "high": ("wide-open eyes", "eyes opened as wide as they go"),
    },
    "AU6": {
        "low": ("slightly lifted cheeks", "a slight cheek raise"),
        "middle": ("raised cheeks", "cheeks pushed up"),
        "high": ("strongly raised cheeks", "cheeks pushed high up under the eyes"),
    },
    "AU7": {
        "low": ("slightly tightened eyelids", "faintly narrowed eyes"),
        "middle": ("narrowed eyes", "tightened eyelids"),
        "high": ("tightly narrowed eyes", "eyes squeezed into slits"),
    },
    "AU9": {
        "low": ("a faint wrinkle of the nose", "a slightly wrinkled nose"),
        "middle": ("a wrinkled nose", "a clear nose wrinkle"),
        "high": ("a strongly wrinkled nose", "an intense nose wrinkle"),
    },
    "AU10": {
        "low": ("a slightly raised upper lip", "a hint of a raised upper lip"),
        "middle": ("a raised upper lip", "an upper lip drawn upward"),
        "high": ("a strongly raised upper lip", "an upper lip pulled high"),
    },
    "AU12": {
        "low": ("a faint smile", "lip corners pulled up a little"),
        "middle": ("a clear smile", "lip corners pulled up"),
        "high": ("a broad smile", "a wide, bright smile"),
    },
    "AU14": {
        "low": ("slightly dimpled lip corners",),
        "middle": ("dimpled lip corners",),
        "high": ("deeply dimpled lip corners",),
    },
    "AU15": {
        "low": ("slightly lowered lip corners", "lip corners that sink a little"),
        "middle": ("downturned lip corners", "lip corners pulled down"),
        "high": ("lip corners pulled far down", "strongly downturned lip corners"),
    },
    "AU17": {
        "low": ("a chin pushed up a little",),
        "middle": ("a raised, tense chin", "a chin pushed up"),
        "high": ("a chin pushed up hard",),
    },
    "AU20": {
        "low": ("slightly stretched lips", "lips drawn a little sideways"),
        "middle": ("stretched lips", "lips drawn sideways"),
        "high": ("lips stretched tight", "a mouth stretched wide sideways"),
    },
    "AU24": {
        "low": ("slightly pressed lips", "lips pressed together a little"),
        "middle": ("pressed lips", "lips pressed together"),
        "high": ("tightly pressed lips", "lips pressed hard together"),
    },
    "AU26": {
        "low": ("a slightly dropped jaw", "a mouth that stands a little open"),
        "middle": ("a dropped jaw", "an open mouth"),
        "high": ("a jaw dropped far down", "a gaping mouth"),
    },
    "AU27": {
        "low": ("a dropped jaw", "an open mouth"),
        "middle": ("a jaw dropped far down", "a mouth opened wide"),
        "high": ("a gaping mouth", "a mouth stretched wide open"),
    },
    "AU29": {
        "low": ("a slightly thrust jaw",),
        "middle": ("a jutting jaw",),
        "high": ("a strongly jutting jaw",),
    },
    "AU34": {
        "low": ("slightly puffed cheeks",),
        "middle": ("puffed cheeks",),
        "high": ("strongly puffed cheeks",),
    },
    "AU43": {
        "low": ("slightly lowered eyelids", "eyelids that droop a little"),
        "middle": ("drooping eyelids", "half-closed eyes"),
        "high": ("heavy, almost closed eyelids", "nearly closed eyes"),
    },
}  # fmt: skip

_ONE_SIDED: dict[str, tuple[str, ...]] = {
    "AU2": ("one raised eyebrow", "an eyebrow raised on one side"),
    "AU4": ("one lowered brow",),
    "AU6": ("one raised cheek",),
    "AU9": ("a nose wrinkled on one side",),
    "AU10": ("an upper lip curled on one side",),
    "AU12": ("a crooked half smile", "one lip corner pulled up"),
    "AU14": ("a dimple beside one lip corner", "one tightened lip corner"),
}


def phrases_of(name: str, unit: ActionUnit) -> tuple[str, ...]:
    """Wordings for an active unit such as "AU12"; empty for units that are not worth a remark."""
    if unit.side != "both" and name in _ONE_SIDED:
        return _ONE_SIDED[name]
    return _PHRASES.get(name, {}).get(unit.level, ())


def is_plural(phrase: str) -> bool:
    """Whether a noun phrase takes a plural verb: all of ours that start without an article or "one"."""
    return phrase.split(" ", 1)[0] not in ("a", "an", "one")
