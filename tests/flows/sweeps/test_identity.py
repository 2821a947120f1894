"""A study is of one code, one state of the data and one set of the other parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.common.params import load_params
from flows.execution import workspace
from flows.sweeps import identity
from flows.sweeps.plan import Sweep
from flows.sweeps.space import Figure, Space
from tests.flows.sweeps.studies import space

LR = {"train_style_e.lr": {"type": "float", "low": 0.001, "high": 0.01}}
DVC = """\
stages:
  prepare: {cmd: "true", deps: [components/corpus], outs: [data/prepared]}
  train_style_e:
    cmd: "true"
    deps: [components/style_e, components/common.py, data/prepared]
    params: [train_style_e, runtime.seed]
    outs: [models/style_e]
  evaluate:
    cmd: "true"
    deps: [evaluation/parts, models/style_e, models/style_a]
    params: [evaluate]
"""
LOCK = """\
stages:
  prepare: {outs: [{path: data/prepared, md5: aa.dir}]}
  train_style_e: {deps: [{path: data/prepared, md5: aa.dir}], outs: [{path: models/style_e, md5: bb.dir}]}
  train_style_a: {outs: [{path: models/style_a, md5: cc.dir}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("components/style_e", "components/corpus", "evaluation/parts"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "code.py").write_text("1\n")
    for name in ("components/common.py", "evaluation/rehearsal.py"):
        (tmp_path / name).write_text("1\n")
    (tmp_path / "dvc.yaml").write_text(DVC + "  train_style_a: {cmd: 'true', outs: [models/style_a]}\n")
    (tmp_path / "dvc.lock").write_text(LOCK)
    (tmp_path / "params.yaml").write_text("train_style_e:\n  lr: 0.001\n  steps: 900\nevaluate:\n  clips: 8\n")
    return tmp_path


def plain() -> Space:
    return space(stage="train_style_e", parameters=LR)


def scored() -> Space:
    own = {"style_e/lips": Figure(direction="maximize", point=1)}
    return space("score:maximize", stage="train_style_e", parameters=LR).model_copy(update={"score": own})


def edit(name: str, text: str = "2\n") -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text)


def replace(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text((root / name).read_text().replace(old, new))


@pytest.mark.parametrize(
    ("change", "plain_differs", "scored_differs"),
    [
        (edit("components/style_e/code.py"), True, True),
        (edit("components/style_e/more.py"), True, True),
        (edit("components/common.py"), True, True),
        (edit("evaluation/parts/code.py"), False, True),
        (edit("evaluation/rehearsal.py"), False, True),
        (edit("components/corpus/code.py"), False, False),
        (replace("dvc.lock", "aa.dir", "ab.dir"), True, True),
        (replace("dvc.lock", "bb.dir", "bc.dir"), False, False),
        (replace("dvc.lock", "cc.dir", "cd.dir"), False, True),
        (replace("params.yaml", "steps: 900", "steps: 901"), True, True),
        (replace("params.yaml", "clips: 8", "clips: 9"), False, True),
        (replace("params.yaml", "lr: 0.001", "lr: 0.002"), False, False),
    ],
)
def test_what_decides_a_trial_is_its_identity(
    project: Path, change: Callable[[Path], object], plain_differs: bool, scored_differs: bool
) -> None:
    before = [identity.identity(project, one) for one in (plain(), scored())]
    assert before == [identity.identity(project, one) for one in (plain(), scored())]
    change(project)
    after = [identity.identity(project, one) for one in (plain(), scored())]
    assert [a != b for a, b in zip(before, after, strict=True)] == [plain_differs, scored_differs]


def test_changed_code_is_another_study(project: Path) -> None:
    names = []
    for text in ("1\n", "2\n", "1\n"):
        (project / "components/style_e/code.py").write_text(text)
        names.append(Sweep(project, "mine", plain(), trials=1).study)
    assert names[0] == names[2] != names[1]
    assert all(name.startswith("mine-") for name in names)


def test_a_copy_has_the_identity_of_its_project(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("copy") / "0001"
    workspace.cache.cache_clear()
    (project / ".dvc").mkdir()
    (project / ".dvc" / "config").write_text("[core]\n    no_scm = True\n")
    workspace.bare(project, folder)
    assert identity.identity(folder, scored()) == identity.identity(project, scored())


def test_present_values_are_those_of_params_yaml(project: Path) -> None:
    assert identity.present(project, plain()) == {"train_style_e.lr": 0.001}
    unknown = plain().model_copy(update={"parameters": {"train_style_e.rate": plain().parameters["train_style_e.lr"]}})
    with pytest.raises(UserError, match=r"no parameter train_style_e\.rate"):
        identity.present(project, unknown)
    assert identity.flat({"a": {"b": {"c": 1}}, "d": 2}) == {"a.b.c": 1, "d": 2}
    assert load_params(project / "params.yaml").train_style_e.lr == 0.001
