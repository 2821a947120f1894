"""Sentence rankers: `sentence` by meaning, `clip` by how well a sentence fits a frame."""
