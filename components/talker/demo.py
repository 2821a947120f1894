"""The last step of `make demo`: one video of a person nobody trained on, and where to look next.

Example: ``python -m components.talker.demo --out out/demo.mp4``
"""

from __future__ import annotations

import sys
from pathlib import Path

from components.common.layout import Layout
from components.common.media import Image, write_wav
from components.common.runtime import pin_threads, seed_everything
from components.runner.command import command_parser, run_command

PERSON, PAINTED = 90_003, 90_002  # seeds of people outside the corpus
STYLE = "arcane"
EMOTION = "she is delighted and can hardly believe it"
TEXT = (
    "Hello! I was painted a minute ago, and look: I can already talk to you. Give me your own voice and your own face."
)


def write_inputs(folder: Path) -> dict[str, Path]:
    """Portrait, art picture and speech, made here so that nothing has to be downloaded."""
    from PIL import Image as Picture

    from components.style_a.art.stylizers import STYLIZERS
    from components.synthetic.render.actor import Actor
    from components.synthetic.voice.sentences import TEST_VOICES
    from components.synthetic.voice.speech import Speaker

    def still(seed: int) -> Image:
        import numpy as np

        return Actor.sample(seed, size=512, female=True).render(np.zeros(52, np.float32))

    folder.mkdir(parents=True, exist_ok=True)
    places = {name: folder / name for name in ("portrait.png", "art.png", "speech.wav")}
    Picture.fromarray(still(PERSON)).save(places["portrait.png"])
    Picture.fromarray(STYLIZERS[STYLE](still(PAINTED), 0)).save(places["art.png"])
    write_wav(places["speech.wav"], Speaker().say(TEXT, TEST_VOICES[0], "happy", 2).audio)
    return places


def make(out: Path, models: Path) -> int:
    """Generate the demo video; returns its number of frames."""
    from components.talker.generate import Request, generate
    from components.talker.pipeline import Talker

    places = write_inputs(out.parent / "inputs")
    request = Request(places["portrait.png"], places["speech.wav"], out, EMOTION, places["art.png"])
    return generate(request, Talker.from_pretrained(models))


def closing(out: Path, report: Path) -> str:
    """What the user has now, in five lines."""
    return "\n".join(
        (
            "",
            f"video    {out}   (inputs beside it: {out.parent / 'inputs'})",
            f"report   {report}",
            "runs     make ui   then open http://127.0.0.1:5000",
            'yours    .venv/bin/style2talker generate --portrait me.jpg --audio me.wav --emotion "sad" --out me.mp4',
        )
    )


def main(arguments: list[str] | None = None) -> int:
    pin_threads()
    parser = command_parser("components.talker.demo", __doc__)
    parser.add_argument("--out", type=Path, default=Path("out/demo.mp4"), help="video to write (default: out/demo.mp4)")
    parser.add_argument("--models", type=Path, default=Path("models"), help="trained models (default: models)")
    page = Layout().report / "index.html"
    parser.add_argument("--report", type=Path, default=page, help=f"page to name in the end (default: {page})")
    options = parser.parse_args(arguments)

    def work() -> None:
        seed_everything(0)
        make(options.out, options.models)
        print(closing(options.out, options.report))

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
