"""`style2talker`: make a talking-head video from a portrait, speech, an emotion in words and an art picture."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated

import typer

from components.common.errors import UserError
from components.common.runtime import pin_threads
from components.runner.command import EXIT_INTERRUPTED, run_command, say, version

EXAMPLE = (
    "Example:\n\n"
    '  style2talker generate --portrait p.png --audio a.wav --emotion "a little sad" --style art.png --out v.mp4'
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(version())
        raise typer.Exit


@app.callback(epilog=EXAMPLE)
def style2talker(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Talking heads with an emotion style and an art style."""


@app.command(epilog=EXAMPLE)
def generate(
    portrait: Annotated[Path, typer.Option(help="Picture of a face: photo or painting, any size.")],
    audio: Annotated[Path, typer.Option(help="Speech or song: any audio or video file.")],
    out: Annotated[Path, typer.Option(help="The video to write, .mp4.")],
    emotion: Annotated[str, typer.Option(help="The emotion in your own words.")] = "neutral",
    style: Annotated[Path | None, typer.Option(help="Art picture whose style to take; none keeps the photo.")] = None,
    emotion_strength: Annotated[float, typer.Option(help="How strongly to act the emotion, 0 to 3.")] = 1.0,
    style_degree: Annotated[float, typer.Option(help="How much of the art style, 0 to 1.")] = 1.0,
    head_motion: Annotated[float, typer.Option(help="Scale of head movement, 0 to 3.")] = 1.0,
    blink: Annotated[float, typer.Option(help="Scale of the number of blinks, 0 to 3.")] = 1.0,
    expression: Annotated[float, typer.Option(help="Scale of the mimics, 0 to 2.")] = 1.0,
    lip: Annotated[float, typer.Option(help="Scale of mouth movement, 0 to 2.")] = 1.0,
    pose_from: Annotated[Path | None, typer.Option(help="Video whose head movement to borrow.")] = None,
    size: Annotated[int, typer.Option(help="Side of the video in pixels, even.")] = 512,
    seed: Annotated[int, typer.Option(help="The same seed gives the same video.")] = 0,
    max_seconds: Annotated[float, typer.Option(help="Longer audio is refused.")] = 600.0,
    models: Annotated[
        str | None,
        typer.Option(
            help="Folder with trained models, or the word champion: those behind MLflow's alias (a folder of that name "
            "is ./champion). Without it the champion where there is a registry, else models."
        ),
    ] = None,
) -> None:
    """Make a talking-head video."""
    from components.talker import generate as generation
    from components.talker.controls import Controls

    if not (math.isfinite(max_seconds) and max_seconds > 0):
        raise UserError(f"max-seconds must be a positive number, not {max_seconds}")
    controls = Controls(emotion_strength, style_degree, head_motion, blink, expression, lip, seed)
    request = generation.Request(portrait, audio, out, emotion, style, pose_from, size, max_seconds, controls)
    generation.check(request)  # before the seconds that loading models takes

    from components.common.progress import console
    from components.common.runtime import seed_everything
    from components.talker.model_choice import choose
    from components.talker.pipeline import Talker

    seed_everything(seed)
    folder = choose(models, Path(), lambda line: say(line, "yellow" if line.startswith("warning") else ""))
    with console.status("loading the models"):
        talker = Talker.from_pretrained(folder)
    frames = generation.generate(request, talker)
    console.print(f"{frames} frames, synthetic and tagged so. The video:", markup=False)
    typer.echo(out)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 done, 1 failed, 2 bad input, 130 interrupted. Errors are one line."""
    pin_threads()
    return run_command(lambda: _run_app(arguments), after_interrupt="no video was written")


def _run_app(arguments: list[str] | None) -> None:
    """Run typer's command in its own way, and say its mistakes in ours."""
    try:
        code = app(arguments, standalone_mode=False, prog_name="style2talker")
    except Exception as error:
        # Typer bundles click; its usage errors are told by their own method, not by a public name.
        if hasattr(error, "format_message"):
            message = " ".join(error.format_message().split())
            raise UserError(f"{message} (see style2talker generate --help)") from error
        raise
    if code == EXIT_INTERRUPTED:  # typer turns Ctrl-C into the shell's code
        raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
