"""When a sweep gives up; whole sweeps are in `tests/flows/test_sweep.py`."""

from __future__ import annotations

from types import SimpleNamespace

from flows.sweeps import trials


def test_only_failures_in_a_row_stop_a_sweep() -> None:
    health = trials._Health(limit=2)
    for state, failures in (("FAIL", 1), ("COMPLETE", 0), ("FAIL", 1), ("PRUNED", 0), ("FAIL", 1)):
        health.note(SimpleNamespace(state=SimpleNamespace(name=state), user_attrs={"error": state}))
        assert (health.failures, health.stopped.is_set()) == (failures, False)
    health.note(SimpleNamespace(state=SimpleNamespace(name="FAIL"), user_attrs={"error": "no disk"}))
    assert (health.reason, health.stopped.is_set()) == ("no disk", True)
    health.note(SimpleNamespace(state=SimpleNamespace(name="FAIL"), user_attrs={}))
    assert health.reason == "no disk"
