"""The model card says what a stranger must know, and the short one fits into the registry."""

from __future__ import annotations

from components.common.layout import Layout
from components.common.params import Params
from components.runner.dvc_lock import DvcLock, LockedStage
from evaluation.gate import decide
from evaluation.metrics.registry import METRICS
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results
from flows.promotion import model_card
from flows.promotion.challenger import Challenger
from flows.promotion.model_registry import MOST_TEXT
from flows.promotion.snapshot import Snapshot

EVERY = Results(
    {name: Interval(0.81234, 0.7, 0.9, 48) for name in METRICS},
    setting={"Footage": "embedded corpus (rendered heads, synthetic speech)", "Measured": "8 test clips of 1 person"},
    cases={name: {f"case {i}": 0.8 for i in range(10)} for name in METRICS},
    frozen="0123456789abcdef",
)
MODELS = {f"models/{name}": f"{name}-md5.dir" for name in ("regressor", "style_e", "style_a")}
CHALLENGER = Challenger(Layout(), DvcLock({"train": LockedStage(outs=MODELS)}, "l" * 32), EVERY, Params())
PROVENANCE = Snapshot("c" * 40, True, "")


def test_a_card_names_use_data_results_limits_and_source() -> None:
    decision = decide(EVERY, EVERY)
    text = model_card.render(CHALLENGER, decision, PROVENANCE, full=True)
    for words in (
        "Not for", "embedded corpus", "0123456789abcdef", "95 % interval", "0.7 to 0.9", "Limits", "c" * 40, "l" * 32,
        "uncommitted.diff", "style_e-md5.dir", "train_style_e.steps = 900", "flows.restore", decision.summary,
    ):  # fmt: skip
        assert words in text, words
    assert text.count("0.7 to 0.9") == len(METRICS)


def test_the_short_card_fits_into_the_registry() -> None:
    text = model_card.render(CHALLENGER, decide(EVERY, EVERY), PROVENANCE, full=False)
    assert len(text) < MOST_TEXT
    assert "flows.restore" in text


def test_a_clean_tree_and_one_outside_git_say_so() -> None:
    clean = model_card.render(CHALLENGER, decide(EVERY, None), Snapshot("c" * 40, False, ""), full=False)
    assert "uncommitted" not in clean
    assert "- commit `none`" in model_card.render(CHALLENGER, decide(EVERY, None), Snapshot("", False, ""), full=False)
