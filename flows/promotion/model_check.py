"""Load a logged model and let it answer its own example. Run as a file, so that only the model's own code is seen.

Example: ``python -P flows/promotion/model_check.py FOLDER``
"""

import base64
import sys


def main(folder: str) -> int:
    import mlflow

    model = mlflow.pyfunc.load_model(folder)
    answers = model.predict(model.input_example)
    videos = [base64.b64decode(answer) for answer in answers]
    if not videos or any(video[4:8] != b"ftyp" for video in videos):
        print("its answer is not an mp4 video", file=sys.stderr)
        return 1
    print(f"{len(videos)} answer, {len(videos[0])} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
