"""Contracts of tables: named Great Expectations suites, run by one checkpoint in a context on disk.

The context of a check lies in `<folder>/gx`: suites, checkpoint and results, as Great Expectations keeps them. Open it
again from the project's root: `gx.get_context(mode="file", project_root_dir=folder).checkpoints.get(name)`.
Beside it `<folder>/docs/index.html` shows the outcome (Data Docs).
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.common.errors import StageError
from components.contracts.data_docs import CHECKED_AT, site, steady

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5  # offending values named per broken rule


@dataclass(frozen=True)
class Rule:
    """A promise in words, and what builds the expectation that checks it from `great_expectations.expectations`."""

    words: str
    expectation: Callable[[Any], Any]


@dataclass(frozen=True)
class Suite:
    """What a table promises.

    name: also the suite's in Great Expectations; unique in its check. table: a parquet file, or rows derived from one,
    which are then kept beside the context.
    """

    name: str
    table: Path | pd.DataFrame
    rules: tuple[Rule, ...]


def column(words: str, name: str, kind: str, **arguments: Any) -> Rule:
    """The rule that the values of the column `name` do what `ExpectColumnValues<kind>` says."""
    return Rule(words, lambda gx: getattr(gx, f"ExpectColumnValues{kind}")(column=name, **arguments))


def table(words: str, kind: str, **arguments: Any) -> Rule:
    """The rule that the whole table does what `ExpectTable<kind>` says."""
    return Rule(words, lambda gx: getattr(gx, f"ExpectTable{kind}")(**arguments))


def columns_of(subject: str, columns: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules that a table has exactly these columns (name -> pandas' name of its type), no gaps and a row."""
    return (
        table(f"the columns are those of the {subject}", "ColumnsToMatchOrderedList", column_list=list(columns)),
        table("there is at least one clip", "RowCountToBeBetween", min_value=1),
        *(column(f"{name} is {kind}", name, "ToBeOfType", type_=kind) for name, kind in columns.items()),
        *(column(f"{name} is never missing", name, "ToNotBeNull") for name in columns),
    )


def check(subject: str, name: str, suites: Sequence[Suite], folder: Path) -> list[dict[str, Any]]:
    """Run the suites as the checkpoint `name`; leave its context and its Data Docs in `folder`.

    Returns the outcome of each rule in order, free of times and ids: `rule`, `expectation`, `holds`, `except` (what
    broke it, at most `SHOWN` values).

    Raises:
        StageError: "the <subject> breaks its contract", the broken rules, and where they are shown.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with _quiet():
        results = _run(name, suites, folder)
    outcomes = [results[suite.name, rule.words] for suite in suites for rule in suite.rules]
    broken = [outcome for outcome in outcomes if not outcome["holds"]]
    if broken:
        words = "; ".join(
            outcome["rule"] + (f" (not: {outcome['except']})" if outcome["except"] else "") for outcome in broken
        )
        raise StageError(f"the {subject} breaks its contract: {words} (see {folder / 'docs' / 'index.html'})")
    return outcomes


def _run(name: str, suites: Sequence[Suite], folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """(suite, rule) -> outcome."""
    import great_expectations as gx  # takes seconds to import
    from great_expectations.checkpoint.actions import UpdateDataDocsAction, ValidationAction

    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    context.delete_data_docs_site("local_site")
    context.add_data_docs_site("docs", site("../docs"))  # type: ignore[arg-type]
    source = context.data_sources.add_pandas("tables")
    definitions = []
    for suite in suites:
        expectations = []
        for rule in suite.rules:
            expectation = rule.expectation(gx.expectations)
            expectation.meta = {"rule": rule.words}
            expectation.description = rule.words
            expectations.append(expectation)
        stored = context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=expectations))
        path = _file(suite, folder / "tables")
        asset = source.add_parquet_asset(suite.name, path=path)
        batch = asset.add_batch_definition("all")  # type: ignore[union-attr]
        definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=stored)
        definitions.append(context.validation_definitions.add(definition))
    actions: list[ValidationAction] = [UpdateDataDocsAction(name="docs", site_names=["docs"])]
    checkpoint = gx.Checkpoint(name=name, validation_definitions=definitions, actions=actions)
    context.checkpoints.add(checkpoint)
    result = checkpoint.run(run_id=gx.RunIdentifier(run_name=name, run_time=CHECKED_AT))
    steady(folder)
    return {
        (validation.suite_name, outcome["rule"]): outcome
        for validation in result.run_results.values()
        for outcome in map(_outcome, validation.results)
    }


def _file(suite: Suite, folder: Path) -> Path:
    if isinstance(suite.table, Path):
        return suite.table
    folder.mkdir(exist_ok=True)
    path = folder / f"{suite.name}.parquet"
    suite.table.to_parquet(path, index=False)
    return path


def _outcome(result: Any) -> dict[str, Any]:
    config = result.expectation_config
    return {
        "rule": config.meta["rule"],
        "expectation": config.type,
        "holds": bool(result.success),
        "except": ", ".join(str(value) for value in result.result.get("partial_unexpected_list", [])[:SHOWN]),
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing is sent home, and no log line for each file of the context."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
