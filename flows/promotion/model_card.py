"""A registered version's model card, in markdown: what it is for, what it came from, how good it is, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation import gate
from evaluation.metrics.registry import METRICS, PARTS
from evaluation.report.report import HEADLINES, figure
from evaluation.summary.results import Results

KNOBS = ("prepare.source", "prepare.clips", "train_style_e.steps", "train_style_e.lr", "train_style_a.motion.steps",
         "train_style_a.art.steps", "train_style_a.motion.lr", "runtime.seed")  # fmt: skip
USE = (
    "Makes a talking-head video from one portrait, speech, a sentence about the emotion, and an art picture. For art, "
    "dubbing, accessibility and research, with the consent of the person shown.\n\n"
    "**Not for** showing people saying what they did not say, nor for evidence of any kind. Every video carries a tag "
    "that names it synthetic."
)
LIMITS = (
    "One face, from the front. Long hair, hands and backgrounds do not move. Figures are from the footage named above; "
    "real people, other languages and other cameras may fare worse. Intervals are over clips, sentences or frame "
    "pairs; with few people in the test set they understate the doubt about new people."
)


def card(
    results: Results, decision: gate.Decision, params: Mapping[str, Any], hashes: Mapping[str, str],
    facts: Mapping[str, str], full: bool,
) -> str:  # fmt: skip
    """full: with every metric and the gate's table; else the headlines, for the registry's short description.

    params: dotted names. hashes: model folder -> DVC's md5. facts: of the snapshot, with `lock`.
    """
    shown = list(METRICS) if full else [*HEADLINES]
    rows = [
        f"| {PARTS[name.split('/')[0]].split(':')[0]} | {METRICS[name].title} | "
        f"{figure(value.mean, METRICS[name].unit)} | {value.low:.3g} to {value.high:.3g} | {value.count} |"
        for name in shown
        if (value := results.summary.get(name))
    ]
    parts = [
        "# Style2Talker",
        USE,
        "## Data",
        "\n".join(f"- {key}: {value}" for key, value in results.setting.items()),
        f"- Evaluation set: `{results.frozen}`",
        "## Results",
        "\n".join(["| part | metric | value | 95 % interval | cases |", "|---|---|---|---|---|", *rows]),
        "## Gate",
        f"**{decision.outcome}**: {decision.summary}",
        *([gate.table(decision)] if full else []),
        "## Limits",
        LIMITS,
        "## Where it came from",
        f"- commit `{facts['commit'] or 'none'}`"
        + (", with uncommitted changes (kept in `provenance/uncommitted.diff`)" if facts["dirty"] == "true" else ""),
        f"- `dvc.lock` md5 `{facts['lock']}`",
        "\n".join(f"- `{path}` md5 `{md5}`" for path, md5 in hashes.items()),
        "\n".join(f"- {name} = {params[name]}" for name in KNOBS if name in params),
        "Restore code, parameters and data: `python -m flows.restore --alias champion --into FOLDER`",
    ]
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"
