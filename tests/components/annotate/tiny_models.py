"""Randomly initialized models of the real classes, small enough for tests."""

from __future__ import annotations

from pathlib import Path


def save_word_tokenizer(folder: Path, words: list[str], **special: str) -> int:
    """A whole-word tokenizer; returns the size of its vocabulary."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    names = [*special.values(), *words]
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token=special["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    return len(names)


def save_tiny_gpt(folder: Path) -> None:
    """A language model of one layer."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    words = [
        "The",
        "man",
        "woman",
        "is",
        "very",
        "happy",
        "sad",
        "angry",
        "and",
        "smiles",
        "while",
        "speaking",
        "with",
        "a",
        "face",
        ".",
        ",",
    ]
    size = save_word_tokenizer(folder, words, unk_token="<unk>", eos_token="<eos>", pad_token="<pad>")
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=size, n_positions=512, n_embd=16, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=1, pad_token_id=2
    )
    GPT2LMHeadModel(config).save_pretrained(folder)


def save_tiny_clip(folder: Path) -> None:
    """A CLIP model of one layer a side, with its tokenizer and picture processor."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    words = ["a", "the", "man", "woman", "is", "happy", "sad", "angry", "smile", "face"]
    size = save_word_tokenizer(folder, words, unk_token="<unk>", eos_token="<eos>", pad_token="<pad>")
    torch.manual_seed(0)
    side = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**side, "vocab_size": size, "max_position_embeddings": 24, "eos_token_id": 1, "bos_token_id": 1}
    config = CLIPConfig(text_config=text, vision_config={**side, "image_size": 32, "patch_size": 16}, projection_dim=8)
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
