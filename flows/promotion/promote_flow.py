"""`flows.promote` as a Prefect flow, for its deployment. The command itself does without Prefect: it starts sooner."""

from __future__ import annotations

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from flows import notify
from flows.promote import PromotionRequest, work


def run_name() -> str:
    """What was asked for."""
    asked = flow_run.parameters
    return ("rollback" if asked.get("rollback") else "promote") + " (dry run)" * bool(asked.get("dry_run"))


@flow(name="promote", flow_run_name=run_name, persist_result=False, **notify.HOOKS)
def promote(
    root: str = ".",
    dry_run: bool = False,
    rollback: bool = False,
    bounds_only: bool = False,
    again: bool = False,
    reason: str = "",
    by: str = "",
) -> str:
    """Promotion or rollback; returns the decision. by: who wants a rollback; the worker's user is nobody to ask."""
    outcome = work(root, PromotionRequest(dry_run, rollback, bounds_only, again, reason, by), get_run_logger().info)
    get_run_logger().info("%s: %s", outcome.decision, outcome.summary)
    return outcome.decision
