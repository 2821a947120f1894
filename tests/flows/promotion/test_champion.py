"""A champion is compared on the challenger's set: as stored, or measured now, whatever code once made it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.code_identity import code_identity
from evaluation.summary.results import Results
from flows.promotion import champion as champions
from flows.promotion.model_registry import ModelRegistry, ModelVersion
from tests.flows.miniature import EVALUATE, run
from tests.flows.versions import model_folder, register


def results_on(
    frozen: str, champion: ModelVersion, registry: ModelRegistry, root: Path, dry_run: bool = False
) -> tuple[Results, list[str]]:
    lines: list[str] = []
    scratch = Path(tempfile.mkdtemp(dir=root.parent))
    return champions.results_on(frozen, champion, registry, root, scratch, lines.append, dry_run), lines


def report_of(root: Path, folder: Path, **changes: object) -> Path:
    """A copy of the project's evaluation with other values."""
    folder.mkdir()
    results = json.loads((root / "reports" / "evaluation.json").read_text())
    (folder / "evaluation.json").write_text(json.dumps(results | changes))
    return folder


def test_stored_figures_are_taken_as_they_are(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    measured = f"measured/later set-{code_identity(tracked, 'evaluate')[:8]}"
    reports = {
        "report": report_of(tracked, tmp_path / "a", frozen="first set"),
        measured: report_of(tracked, tmp_path / "b", frozen="later set"),
    }
    champion = register(registry, model_folder(tracked, tmp_path / "model"), artifacts=reports)
    for frozen in ("first set", "later set"):
        results, lines = results_on(frozen, champion, registry, tracked)
        assert (results.frozen, lines) == (frozen, [])


def test_an_old_format_of_figures_is_measured_anew(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    old = report_of(tracked, tmp_path / "old")
    (old / "evaluation.json").write_text('{"means": {"talker/lip_correlation": 0.9}}')
    champion = register(registry, model_folder(tracked, tmp_path / "model"), artifacts={"report": old})
    assert champions.stored_results("set of 4", champion, registry, tmp_path / "downloads", "measured/x") is None


@pytest.fixture
def old_house(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> ModelVersion:
    """A champion that another tree of the project made, logged and registered.

    Its code lies in modules that the project has no more, its report is of a set that nobody asks for any more, and its
    models are a little worse.
    """
    model = model_folder(tracked, tmp_path / "old model")
    (model / "artifacts" / "style_e" / "weights").write_text("style_e0.5")
    for module in ("components/common/stage.py", "components/common/mlflow_store.py", "evaluation/frozen.py"):
        (model / "code" / module).parent.mkdir(parents=True, exist_ok=True)
        (model / "code" / module).write_text("raise ImportError('the champion must not bring its own code')\n")
    return register(registry, model, artifacts={"report": report_of(tracked, tmp_path / "report", frozen="old set")})


def test_a_champion_of_another_tree_is_measured_by_this_code(
    old_house: ModelVersion, tracked: Path, registry: ModelRegistry
) -> None:
    status = run(tracked, "git", "status", "--porcelain")
    results, lines = results_on("set of 4", old_house, registry, tracked)
    assert results.summary["style_a/pair_psnr_gain_over_no_motion"].mean == 0.5
    assert lines[0].startswith("version 1 was measured on another set; measuring it on set of 4")
    again, lines = results_on("set of 4", old_house, registry, tracked, dry_run=True)
    assert (again, lines) == (results, []), "what was measured is kept in the champion's run"
    assert run(tracked, "git", "status", "--porcelain") == status
    (tracked / "evaluation" / "stage.py").write_text(EVALUATE + "# another thought\n")
    _, lines = results_on("set of 4", old_house, registry, tracked, dry_run=True)
    assert any("measuring it on" in line for line in lines), "another code measures for itself"
    assert not list((tracked / ".sweeps" / "champion").iterdir())


def test_a_champion_whose_files_are_gone_or_unknown_is_refused_with_the_way_out(
    tracked: Path, registry: ModelRegistry, tmp_path: Path
) -> None:
    champion = register(registry, model_folder(tracked, tmp_path / "model"))
    (stored,) = (tracked / "mlartifacts").rglob("style_e/weights")
    stored.write_text("style_e9")
    with pytest.raises(
        UserError, match=r"cannot be measured \(hash mismatch: models/style_e in version 1 .*bounds-only$"
    ):
        results_on("set of 4", champion, registry, tracked)
    run(tracked, "rm", "-rf", "mlartifacts")
    with pytest.raises(UserError, match=r"models/regressor in version 1 is missing, not .*bounds-only$"):
        results_on("set of 4", champion, registry, tracked)
    with pytest.raises(UserError, match=r"it carries no hashes\); .*bounds-only$"):
        results_on("set of 4", replace(champion, tags={}), registry, tracked)


def test_a_report_of_another_set_than_the_codes_is_refused_and_not_kept(
    old_house: ModelVersion, tracked: Path, registry: ModelRegistry
) -> None:
    with pytest.raises(UserError, match=r"of the set mine, the code here makes set of 4; run `dvc repro evaluate`"):
        results_on("mine", old_house, registry, tracked)
    assert not registry.client.list_artifacts(old_house.run_id, "measured")


def test_a_champion_that_this_code_cannot_read_is_refused_with_the_way_out(
    tracked: Path, registry: ModelRegistry, tmp_path: Path
) -> None:
    model = model_folder(tracked, tmp_path / "model")
    (model / "artifacts" / "style_e" / "weights").write_text("another format")
    with pytest.raises(UserError) as caught:
        results_on("set of 4", register(registry, model), registry, tracked)
    (line,) = str(caught.value).splitlines()
    assert line == (
        "the champion cannot be measured by this code (models/style_e/weights is of no known format); "
        "to go by the bounds alone: python -m flows.promote --bounds-only"
    )


# Of the champions since decision 26. Code that would write other names could not read theirs: such a change belongs in
# the changelog, with `--bounds-only` as the way out.
FILES: Mapping[str, str] = {
    "regressor/config.json": "class format maps",
    "regressor/regressor.safetensors": "",
    "style_a/art/config.json": "code full_width half_width painted quarter_width styles variants",
    "style_a/art/model.safetensors": "",
    "style_a/motion/basis.safetensors": "",
    "style_a/motion/config.json": "code prior reach size style widths",
    "style_a/motion/network.safetensors": "",
    "style_e/audio_encoder/config.json": "bands context width",
    "style_e/audio_encoder/diffusion_pytorch_model.safetensors": "",
    "style_e/conditioner/config.json": "labels reference_size text_size width",
    "style_e/conditioner/diffusion_pytorch_model.safetensors": "",
    "style_e/denoiser/config.json": "channels depth width window",
    "style_e/denoiser/diffusion_pytorch_model.safetensors": "",
    "style_e/model_index.json": "audio_encoder conditioner denoiser regressor scheduler statistics text text_encoder "
    "tokenizer",
    "style_e/regressor/config.json": "channels width",
    "style_e/regressor/diffusion_pytorch_model.safetensors": "",
    "style_e/scheduler/scheduler_config.json": "beta_end beta_schedule beta_start clip_sample clip_sample_range "
    "dynamic_thresholding_ratio num_train_timesteps prediction_type rescale_betas_zero_snr sample_max_value "
    "set_alpha_to_one steps_offset thresholding timestep_spacing trained_betas",
    "style_e/statistics/config.json": "bands channels",
    "style_e/statistics/diffusion_pytorch_model.safetensors": "",
}
PARTS = {
    "audio_encoder": ["components.style_e.networks", "AudioEncoder"],
    "conditioner": ["components.style_e.networks", "Conditioner"],
    "denoiser": ["components.style_e.networks", "MotionDenoiser"],
    "regressor": ["components.style_e.networks", "MotionRegressor"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "statistics": ["components.style_e.networks", "Statistics"],
}


@pytest.mark.slow
def test_models_are_written_as_registered_champions_were(models: Path) -> None:
    keys = {}
    for path in sorted(models.rglob("*")):
        if path.is_file():
            names = json.loads(path.read_text()) if path.suffix == ".json" else {}
            keys[path.relative_to(models).as_posix()] = " ".join(sorted(name for name in names if name[0] != "_"))
    assert keys == dict(FILES)
    index = json.loads((models / "style_e" / "model_index.json").read_text())
    assert index["_class_name"] == "StyleEPipeline"
    assert {name: index[name] for name in PARTS} == PARTS
