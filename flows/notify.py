"""Tell people how a flow ended, through a Prefect notification block: a webhook, Slack, mail, whatever block is saved.

Flows announce themselves when they complete, fail or crash. The block's name is `custom-webhook/style2talker`, or what
`STYLE2TALKER_NOTIFY` names; without such a block nobody is told. This command saves a webhook block and tries it.

Example: ``python -m flows.notify --webhook https://hooks.example.org/retraining``
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any, Protocol

from prefect.blocks.core import Block
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.schemas.objects import FlowRun, State
from prefect.flows import Flow

from components.common.environment import NOTIFY
from components.common.errors import UserError, first_line, redacted
from flows.execution.cli import command, exit_code

DEFAULT = NOTIFY.default
BLOCK = DEFAULT.partition("/")[2]
FIGURES = 12  # entries of a flow's result that fit a message

logger = logging.getLogger("prefect.style2talker.notify")


class Notifier(Protocol):
    """Someone to tell."""

    def notify(self, body: str, subject: str | None = None) -> Any:
        """Send one message; raises whatever its transport raises."""


class NullNotifier:
    """Tells nobody."""

    def notify(self, body: str, subject: str | None = None) -> None: ...


def load_notifier() -> Notifier:
    """The configured block, or the null notifier. A block that was asked for by name but is missing is warned about."""
    name = NOTIFY.read()
    try:
        block: Any = Block.load(name)  # any block type that can notify
    except ValueError:  # Prefect's word for "no such block"
        if name != DEFAULT:
            logger.warning("no notification block %s; nobody is told how this run ended", name)
        return NullNotifier()
    notifier: Notifier = block
    return notifier


def message(flow: str, run: str, state: str, reason: str, result: object) -> tuple[str, str]:
    """(subject, body) for a flow run that ended. A result that is a mapping is listed in its own order.

    Its decision comes first, then its first figures, then its other texts, such as links.
    """
    lines = [reason] if reason else []
    if isinstance(result, Mapping):
        figures = [f"{name}: {value:.4g}" for name, value in result.items() if isinstance(value, int | float)]
        texts = [f"{name}: {value}" for name, value in result.items() if isinstance(value, str) and value]
        texts.sort(key=lambda line: not line.startswith("decision: "))
        decided = sum(line.startswith("decision: ") for line in texts)
        lines += [*texts[:decided], *figures[:FIGURES], *texts[decided:]]
    elif isinstance(result, str):
        lines.append(result)
    return f"{flow} {state.lower()}: {run}", "\n".join(lines) or state


def send(subject: str, body: str) -> None:
    """Tell whoever is configured. Trouble with it is logged: it must not turn a good run into a failed one."""
    try:
        load_notifier().notify(body, subject)
    except Exception as error:
        logger.warning("notification not sent: %s", redacted(first_line(error), places=True))


def announce(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A hook for flows: how this run ended. Prefect's engine passes the arguments by place, its worker by name."""
    subject, body = message(
        flow.name, flow_run.name, state.name or state.type.value, state.message or "", _result(state)
    )
    send(subject, "\n".join([body, *_page(flow_run)]))


def _page(flow_run: FlowRun) -> list[str]:
    """A line with the run's address, where a server shows it; a temporary one will be gone."""
    from prefect.settings import PREFECT_API_URL
    from prefect.utilities.urls import url_for

    address = url_for(flow_run) if PREFECT_API_URL.value() else None
    return [f"Prefect: {redacted(address)}"] if address else []


def _result(state: State[Any]) -> object:
    """What a completed flow returned, while its process still knows; results are not stored anywhere else."""
    if not state.is_completed():
        return None
    try:
        return state.result(raise_on_failure=False)
    except Exception:  # not in this process: the state's message must do
        return None


HOOKS: dict[str, Any] = {"on_completion": [announce], "on_failure": [announce], "on_crashed": [announce]}
"""Arguments for `@flow(...)`."""


def save_webhook(url: str) -> None:
    """Save (or replace) the block that posts `{"subject": ..., "body": ...}` to `url`."""
    block = CustomWebhookNotificationBlock(
        name=BLOCK, url=url, json_data={"subject": "{{subject}}", "body": "{{body}}", "text": "{{subject}}\n{{body}}"}
    )
    block.save(BLOCK, overwrite=True)


def main(arguments: list[str] | None = None) -> int:
    parser = command("notify", __doc__)
    parser.add_argument("--webhook", required=True, help="URL that gets a POST with subject, body and text as JSON")
    options = parser.parse_args(arguments)

    def work() -> None:
        if not options.webhook.startswith(("http://", "https://")):
            raise UserError("--webhook: that is not an http(s) URL")
        save_webhook(options.webhook)
        place = redacted(options.webhook, places=True)
        try:
            load_notifier().notify("Notifications of Style2Talker's flows arrive here.", "style2talker: it works")
        except Exception as error:
            reason = redacted(first_line(error), places=True)
            raise UserError(f"block {DEFAULT} is saved, but {place} did not answer: {reason}") from error
        print(f"saved block {DEFAULT}; a test message was sent to {place}")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
