"""Where each artifact lives below the project's root. One home for paths; `dvc.yaml` names the same ones (tested)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Paths of every file between stages, from one root (the working folder of `dvc repro`)."""

    root: Path = Path(".")

    @property
    def footage(self) -> Path:
        """JSON list of what footage there is, in the place of which DVC watches it: name, and hash or problem."""
        return self.root / "data" / "footage.json"

    @property
    def prepared(self) -> Path:
        """Output of `prepare`: manifest, quarantine, clips, truth, contract results."""
        return self.root / "data" / "prepared"

    @property
    def synthetic(self) -> Path:
        """The MEAD-layout tree that source `synthetic` writes before `prepare` reads it back (not kept)."""
        return self.prepared / "synthetic"

    @property
    def manifest(self) -> Path:
        return self.prepared / "manifest.parquet"

    @property
    def quarantine(self) -> Path:
        return self.prepared / "quarantine.parquet"

    @property
    def contract(self) -> Path:
        """The manifest's rules, and that each holds."""
        return self.prepared / "contract.json"

    def contract_docs(self, stage: str) -> Path:
        """How a stage's tables were checked: Great Expectations' context and pages, a leaf that nothing depends on."""
        return self.root / "contracts" / stage

    @property
    def clips(self) -> Path:
        return self.prepared / "clips"

    @property
    def truth(self) -> Path:
        """True coefficients of rendered clips. For tests and evaluation only; empty for real footage."""
        return self.prepared / "truth"

    @property
    def regressor(self) -> Path:
        return self.root / "models" / "regressor"

    @property
    def heads(self) -> Path:
        """Rendered heads that Style-A learns from: a file of frames each, and the landmark basis of all."""
        return self.root / "data" / "heads"

    @property
    def coefficients(self) -> Path:
        return self.root / "data" / "coefficients"

    def clip_coefficients(self, clip_id: str) -> Path:
        """The `ClipCoefficients` of one clip."""
        return self.coefficients / f"{clip_id}.safetensors"

    @property
    def rejected(self) -> Path:
        """JSON {clip_id: reason} of clips whose coefficients are not good enough to learn from."""
        return self.coefficients / "rejected.json"

    @property
    def annotations(self) -> Path:
        return self.root / "data" / "annotations" / "annotations.parquet"

    @property
    def style_e(self) -> Path:
        return self.root / "models" / "style_e"

    @property
    def style_a(self) -> Path:
        return self.root / "models" / "style_a"

    @property
    def report(self) -> Path:
        return self.root / "reports"

    def metrics(self, stage: str) -> Path:
        return self.root / "metrics" / f"{stage}.json"

    def plots(self, stage: str) -> Path:
        """Step-wise training figures of a stage (CSV, one row a step)."""
        return self.root / "plots" / f"{stage}.csv"

    def lineage(self, stage: str) -> Path:
        """Run id of the run that made a stage's outputs: a leaf that nothing depends on."""
        return self.root / "lineage" / f"{stage}.json"

    @property
    def checkpoints(self) -> Path:
        """Resumable training state, outside DVC's outputs so that a killed run can go on."""
        return self.root / ".checkpoints"
