"""Pictures of a study: history, importance, how parameters and objectives hang together, intermediate values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.sweeps import optuna_study

if TYPE_CHECKING:
    import optuna

INCHES, DPI = (7.0, 4.0), 120
FEWEST = 2  # complete trials below which a comparison shows nothing


def draw(study: optuna.Study, folder: Path) -> list[Path]:
    """PNG files of everything that can be shown of the study so far; returns their paths.

    Importance needs two complete trials, the front two objectives or three; what a study lacks is left out.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from optuna.visualization import matplotlib as plots

    goals = [goal.split(":")[0] for goal in study.user_attrs["objectives"]]
    complete = optuna_study.in_state(study, optuna_study.COMPLETE)
    drawings: dict[str, Callable[[], Any]] = {}
    for i, goal in enumerate(goals if len(complete) >= FEWEST else []):
        suffix = f"_{goal}" if len(goals) > 1 else ""
        value = partial(_value, i) if len(goals) > 1 else None  # alone, Optuna also draws the best so far
        drawings[f"history{suffix}"] = partial(plots.plot_optimization_history, study, target=value, target_name=goal)
        drawings[f"importance{suffix}"] = partial(plots.plot_param_importances, study, target=value, target_name=goal)
        drawings[f"parallel{suffix}"] = partial(plots.plot_parallel_coordinate, study, target=value, target_name=goal)
    if len(goals) in (2, 3) and complete:
        drawings["pareto_front"] = partial(plots.plot_pareto_front, study, target_names=goals)
    if any(trial.intermediate_values for trial in study.get_trials(deepcopy=False)):
        drawings["intermediate"] = partial(plots.plot_intermediate_values, study)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("ignore")  # the plots are marked experimental
        for name, draw_axes in drawings.items():
            axes = draw_axes()
            figure = (axes.flat[0] if hasattr(axes, "flat") else axes).figure
            figure.set_size_inches(*INCHES)
            path = folder / f"{name}.png"
            figure.savefig(path, dpi=DPI, bbox_inches="tight")
            plt.close(figure)
            paths.append(path)
    return [tile(paths, folder / "overview.png"), *paths] if paths else []


def tile(paths: list[Path], target: Path) -> Path:
    """The pictures in two columns as one, for a look at all of them at once."""
    from PIL import Image

    pictures = [Image.open(path).convert("RGB") for path in paths]
    width = max(picture.width for picture in pictures)
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (2 * width, -(-len(pictures) // 2) * height), "white")
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i % 2 * width, i // 2 * height))
    sheet.save(target)
    return target


def _value(index: int, trial: optuna.trial.FrozenTrial) -> float:
    return float(trial.values[index])
