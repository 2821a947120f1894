"""A registered version's model card, in markdown: what it is for, what it came from, how good it is, its limits."""

from __future__ import annotations

from components.runner.tracking.runs import flatten
from evaluation import gate
from evaluation.metrics.registry import METRICS, PARTS
from evaluation.report.report import HEADLINES, figure
from flows.promotion.challenger import Challenger
from flows.promotion.snapshot import DIFF, FOLDER, Snapshot

# Named on the card; all of them stand in the snapshot.
PARAMETERS = (
    "prepare.source", "prepare.clips", "train_style_e.steps", "train_style_e.lr", "train_style_a.motion.steps",
    "train_style_a.art.steps", "train_style_a.motion.lr", "runtime.seed",
)  # fmt: skip
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


def render(challenger: Challenger, decision: gate.Decision, provenance: Snapshot, full: bool) -> str:
    """full: with every metric and the gate's table; else the headlines, for the registry's short description."""
    results, params = challenger.results, flatten(challenger.params.model_dump())
    metrics = list(METRICS) if full else [*HEADLINES]
    rows = [
        f"| {PARTS[name.split('/')[0]].split(':')[0]} | {METRICS[name].title} | "
        f"{figure(value.mean, METRICS[name].unit)} | {value.low:.3g} to {value.high:.3g} | {value.count} |"
        for name in metrics
        if (value := results.summary.get(name))
    ]
    uncommitted = f", with uncommitted changes (kept in `{FOLDER}/{DIFF}`)" if provenance.dirty else ""
    parts = [
        f"**{decision.outcome}**: {decision.summary}",  # first: pages of MLflow fold the rest
        "# Style2Talker",
        USE,
        "## Data",
        "\n".join(f"- {key}: {value}" for key, value in results.setting.items()),
        f"- Evaluation set: `{results.frozen}`",
        "## Results",
        "\n".join(["| part | metric | value | 95 % interval | cases |", "|---|---|---|---|---|", *rows]),
        *(["## Gate", gate.table(decision)] if full else []),
        "## Limits",
        LIMITS,
        "## Where it came from",
        f"- commit `{provenance.commit or 'none'}`{uncommitted}",
        f"- `dvc.lock` md5 `{challenger.lock.md5}`",
        "\n".join(f"- `{path}` md5 `{md5}`" for path, md5 in challenger.models.items()),
        "\n".join(f"- {name} = {params[name]}" for name in PARAMETERS if name in params),
        "Restore code, parameters and data: `python -m flows.restore --alias champion --into FOLDER`",
    ]
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"
