"""Views of the runs table that a stranger finds ready in MLflow's *Views* menu: which rows, and which columns.

MLflow keeps a saved view as a tag of the experiment: an envelope whose `state` is the page's own state as JSON. What a
state does not name is as on a fresh page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

TAG = "mlflow.sharedViewState."
CREATED_AT = 1_767_225_600_000  # milliseconds since 1970; fixed, so that the same views make the same tags

QUALITY = (
    "talker/lip_correlation",
    "talker/emotion_accuracy",
    "style_e/lip_gap_correlation",
    "style_e/emotion_accuracy_unseen_wording",
    "style_a/pair_psnr_gain_over_no_motion",
    "art/style_accuracy",
)
DIALS = ("train_style_e.steps", "train_style_e.lr", "train_style_a.motion.steps", "train_style_a.motion.lr")


GUIDE = """\
**Views** (top right): *Retrainings* (and their figures), *Evaluations* and *Stages* with the columns that matter.
To compare two retrainings, tick them, press **Compare**, and switch on *Show diff only* above parameters and metrics.

- A retraining is named by what was new; the line above its description says what the gate decided, and why
- `decision`: what the gate said (`first`, `promoted`, `kept`, `refused`), or `trained` where it was not asked
- `cached` = true: nothing ran; the outputs are those of the run in `source_run`
- *Dataset*: what a stage read, with DVC's hashes
"""


def view(name: str, query: str, tags: Sequence[str], metrics: Sequence[str], params: Sequence[str]) -> str:
    """One saved view: rows that match `query`, newest first, with these columns."""
    columns = [
        *(f"tags.`{tag}`" for tag in tags),
        *(f"metrics.`{metric}`" for metric in metrics),
        *(f"params.`{param}`" for param in params),
    ]
    state = {
        "searchFilter": query,
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": columns,
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "runsHiddenMode": "FIRST_10_RUNS",
        "runsVisibilityMap": {},
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": False,
        "groupBy": None,
        "groupsExpanded": {},
        "autoRefreshEnabled": True,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
    }
    return json.dumps({"name": name, "createdAt": CREATED_AT, "updatedAt": CREATED_AT, "state": json.dumps(state)})


def saved_views() -> dict[str, str]:
    """Tag of the experiment -> value."""
    stage = ("stage", "cached", "source_run")
    return {
        # MLflow shows figures before tags, and at 1400 pixels three columns: what counts must have no figure before it.
        f"{TAG}retrainings": view(
            "Retrainings", "tags.kind = 'retrain'", ("changed", "decision", "decision.summary"), (), ()
        ),
        f"{TAG}figures": view("Retrainings: figures", "tags.kind = 'retrain'", ("decision",), QUALITY, DIALS),
        f"{TAG}evaluations": view(
            "Evaluations", "tags.stage = 'evaluate'", ("decision", "evaluation.frozen"), QUALITY, ()
        ),
        f"{TAG}stages": view("Stages", "tags.kind = 'stage'", stage, ("system/process_memory_megabytes",), ()),
    }
