"""Sentence writers: `grammar` offline, `transformers` with a local model, `openai` with any compatible server."""
