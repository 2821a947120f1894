"""One home for the variables: the documented table is the code's, the readers are the named ones, nobody else reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from components.common import environment
from components.common.environment import VARIABLES, Folder, Switch, Text, Variable
from components.common.errors import UserError
from components.common.layout import Layout
from components.runner.tracking.spool import FOLDER

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
HOME = "components/common/environment.py"


@cache
def sources() -> dict[str, str]:
    """Path below the root -> text of every product module."""
    files = [path for package in ("components", "evaluation", "flows") for path in (ROOT / package).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def constant_name(variable: Variable) -> str:
    (name,) = [name for name, value in vars(environment).items() if value is variable]
    return name


def strings_outside_docstrings(tree: ast.Module) -> Iterator[str]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def variables_read(tree: ast.Module) -> Iterator[str]:
    """Names in `os.environ.get("X")`, `os.environ["X"]` (not assigned) and `"X" in os.environ`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(ast.Attribute(attr="environ"), "get"), args=[ast.Constant(name), *_]):
                yield str(name)
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(name), ctx=ast.Load()):
                yield str(name)
            case ast.Compare(left=ast.Constant(name), comparators=[ast.Attribute(attr="environ")]):
                yield str(name)


def test_the_documented_table_is_the_code() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:3] == "| `"]
    own = [[cell.replace("`", "") for cell in row] for row in rows if row[0].startswith("`STYLE2TALKER_")]
    table = [[entry.name, entry.default, entry.meaning, ", ".join(entry.readers)] for entry in VARIABLES]
    assert own == [[cell.replace("`", "") for cell in row] for row in table]


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_a_variable_is_read_where_the_table_says(variable: Variable) -> None:
    constant = constant_name(variable)
    assert variable.name == f"STYLE2TALKER_{constant}"
    call = re.compile(rf"\b{constant}\.read\(")
    readers = [path for path, text in sources().items() if call.search(text)]
    others = [path for path in variable.readers if f"${variable.name}" in (ROOT / path).read_text(encoding="utf-8")]
    assert sorted(readers + others) == sorted(variable.readers)


def test_nobody_else_spells_a_name() -> None:
    naming = {path: ast.parse(text) for path, text in sources().items() if "STYLE2TALKER_" in text}
    spelled = {
        path
        for path, tree in naming.items()
        if any("STYLE2TALKER_" in text for text in strings_outside_docstrings(tree))
    }
    assert spelled == {HOME}


def test_every_variable_that_is_read_is_documented() -> None:
    trees = [ast.parse(text) for text in sources().values() if "environ" in text]
    names = {name for tree in trees for name in variables_read(tree)} - {"PATH"}
    assert {"MLFLOW_TRACKING_URI", "DASK_SCHEDULER_ADDRESS", "DVC_STAGE"} <= names  # the search sees all three forms
    assert names - set(re.findall(r"`(\w+)`", PAGE)) == set()


def test_words_for_defaults_are_the_places() -> None:
    assert environment.SPOOL.default == f"`{FOLDER}` in the project"
    assert environment.CHECKPOINTS.default == f"`{Layout().checkpoints}` in the project"


def test_an_empty_value_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    text = Text("STYLE2TALKER_X", "table", "", ())
    folder = Folder("STYLE2TALKER_X", "in words", "", ())
    switch = Switch("STYLE2TALKER_X", "on", "", ())
    for value in (None, ""):
        if value is None:
            monkeypatch.delenv("STYLE2TALKER_X", raising=False)
        else:
            monkeypatch.setenv("STYLE2TALKER_X", value)
        assert text.read() == "table"
        assert text.read("caller") == "caller"
        assert folder.read(Path("here")) == Path("here")
        assert switch.read() is True
    monkeypatch.setenv("STYLE2TALKER_X", "there")
    assert (text.read("caller"), folder.read(Path("here"))) == ("there", Path("there"))


@pytest.mark.parametrize(("value", "state"), [("on", True), ("1", True), ("OFF", False), ("0", False)])
def test_a_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch, value: str, state: bool) -> None:
    monkeypatch.setenv("STYLE2TALKER_X", value)
    assert Switch("STYLE2TALKER_X", "on", "", ()).read() is state


def test_a_switch_that_is_neither_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_X", "maybe")
    with pytest.raises(UserError, match="STYLE2TALKER_X is 'maybe'; set it to on or off"):
        Switch("STYLE2TALKER_X", "on", "", ()).read()
