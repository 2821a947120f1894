"""Lines of a spool as the first version of the project wrote them, one of each kind: never to be changed."""

from __future__ import annotations

TIME = 1767225600000

BEGIN = '{"kind": "begin", "time": 1767225600000, "tags": {"mlflow.runName": "annotate"}}'
CONTINUE = '{"kind": "continue", "time": 1767225600000, "run_id": "abc"}'
PARAMS = '{"kind": "params", "time": 1767225600000, "values": {"annotate.keep": "5"}}'
METRICS = '{"kind": "metrics", "time": 1767225600000, "values": {"loss": 2.0}, "step": 3}'
TAGS = '{"kind": "tags", "time": 1767225600000, "values": {"decision": "kept"}}'
ARTIFACT = '{"kind": "artifact", "time": 1767225600000, "files": {"path": "files/00000/note.txt"}, "folder": "notes"}'
IMAGE = '{"kind": "image", "time": 1767225600000, "files": {"path": "files/00001/a.png"}, "key": "sample"}'
INPUTS = '{"kind": "inputs", "time": 1767225600000, "values": {"data/prepared": "00112233.dir"}, "context": "training"}'
MODEL = (
    '{"kind": "model", "time": 1767225600000, "files": {"folder:style_e": "files/00002/style_e", '
    '"code": "files/00003/served.py", "package": "files/00004/components", '
    '"requirements": "files/00005/constraints.txt"}, "name": "talker", '
    '"columns": [["portrait", "string", true]], "example": {"portrait": "p.png"}}'
)
END = '{"kind": "end", "time": 1767225600000, "status": "FINISHED"}'
