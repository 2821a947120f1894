from __future__ import annotations

import shutil
from pathlib import Path

from components.contracts.checkpoint import check
from tests.components.contracts.conftest import RULES, suites


def test_outcomes_come_in_the_order_of_the_rules(tmp_path: Path) -> None:
    outcomes = check("table of ages", "people", suites(tmp_path, [1, 2]), tmp_path / "contract")
    assert [outcome["rule"] for outcome in outcomes] == [rule.words for rule in (*RULES, *RULES[:2])]
    assert outcomes[1] == {
        "rule": "age is not negative",
        "expectation": "expect_column_values_to_be_between",
        "holds": True,
        "except": "",
    }


def test_the_broken_rules_are_named_with_what_broke_them(broken_contract: tuple[Path, str]) -> None:
    folder, message = broken_contract
    assert message == (
        "the table of ages breaks its contract: age is not negative (not: -2, -3); there are two rows; "
        f"age is not negative (not: -2) (see {folder / 'docs' / 'index.html'})"
    )


def test_the_checkpoint_can_be_run_again_from_the_disk(kept_contract: Path, tmp_path: Path) -> None:
    import great_expectations as gx

    copy = shutil.copytree(kept_contract, tmp_path / "copy")
    context = gx.get_context(mode="file", project_root_dir=copy)
    assert sorted(suite.name for suite in context.suites.all()) == ["ages", "derived"]
    assert context.checkpoints.get("people").run().success


def test_a_repeated_check_leaves_the_same_bytes(kept_contract: Path, tmp_path: Path) -> None:
    def contents(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    for name in ("first", "second"):
        check("table of ages", "people", suites(tmp_path, [1, 2]), tmp_path / "contract")
        (tmp_path / "contract").rename(tmp_path / name)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
