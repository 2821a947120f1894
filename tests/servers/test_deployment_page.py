"""docs/deployment.md: each block of code is run by a test, checked by its own tools, or named here with a reason."""

from __future__ import annotations

import configparser
import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows.deploy import QUEUES
from tests.servers.page import PAGE, block, blocks
from tests.servers.team import RUNNER, SERVER

ROOT = Path(__file__).parents[2]
DOCKER, KUBERNETES = "Docker GPU pool", "Kubernetes GPU pool"
RUN = {(SERVER, index) for index in range(5)} | {(RUNNER, 0), (RUNNER, 1)}  # test_team.py
CHECKED = {(RUNNER, 2), (DOCKER, 0), (DOCKER, 2), (KUBERNETES, 1), (KUBERNETES, 2), (KUBERNETES, 5)}  # below
ELSEWHERE = {
    ("This machine", 0): "tests/chaos/test_stack.py starts and stops the stack, on other ports",
    ("This machine", 1): "tests/chaos/test_stack.py runs the deployment",
    ("Notifications", 0): "tests/chaos/test_stack.py, with a receiver of its own",
}
NOT_RUN = {
    (DOCKER, 1): "needs a Docker daemon",
    (KUBERNETES, 0): "needs a cluster and Helm's charts",
    (KUBERNETES, 3): "needs a cluster and Helm's charts",
    (KUBERNETES, 4): "values of a chart that no package registry serves",
}


def test_every_block_is_run_or_says_why_not() -> None:
    accounted = [*RUN, *CHECKED, *ELSEWHERE, *NOT_RUN]
    assert sorted(accounted) == sorted(blocks())
    test_team = (ROOT / "tests" / "servers" / "test_team.py").read_text() + (
        ROOT / "tests" / "servers" / "team.py"
    ).read_text()
    for heading, index in RUN:
        name = "SERVER" if heading == SERVER else "RUNNER"
        assert f"block({name}, {index})" in test_team
    for reason in ELSEWHERE.values():
        assert (ROOT / reason.partition(" ")[0].rstrip(",")).is_file()


@pytest.mark.parametrize("heading", [DOCKER, KUBERNETES])
def test_what_was_never_run_says_so(heading: str) -> None:
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert section.startswith(("No container has been run", "Not run either"))


def test_the_service_starts_a_worker_of_its_clone() -> None:
    unit = configparser.ConfigParser()
    unit.read_string(block(RUNNER, 2))
    service = unit["Service"]
    command, *arguments = service["ExecStart"].split()
    assert Path(command).is_relative_to(service["WorkingDirectory"])
    assert arguments == ["-m", "flows.worker", "gpu"]


def test_the_image_is_well_made(tmp_path: Path) -> None:
    recipe = block(DOCKER, 0)
    copied = [line.split()[1:-1] for line in recipe.splitlines() if line.startswith("COPY")]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    (hadolint,) = [shutil.which("hadolint")]
    if hadolint is None:
        pytest.skip("needs hadolint (the extra dev-servers)")
    (tmp_path / "Dockerfile").write_text(recipe)
    done = subprocess.run([hadolint, "Dockerfile"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def variables(heading: str, index: int) -> dict[str, Any]:
    """The job variables of a deployment, of a queue that there is."""
    pool = YAML(typ="safe").load(block(heading, index))["work_pool"]
    assert pool["work_queue_name"] in QUEUES["gpu"]
    found: dict[str, Any] = pool["job_variables"]
    return found


def configured(configuration: Any, template: dict[str, Any], values: dict[str, Any]) -> Any:
    """What a worker makes of a pool's template and a deployment's variables, without a server."""
    from prefect.utilities.templating import apply_values

    schema = template["variables"]["properties"]
    defaults = {name: entry["default"] for name, entry in schema.items() if entry.get("default") is not None}
    made = apply_values(template["job_configuration"], {**defaults, "command": "true", **values}, remove_notset=True)
    return configuration(**made)


def test_the_deployments_variables_make_a_container_with_a_gpu() -> None:
    worker = pytest.importorskip("prefect_docker.worker", reason="needs prefect-docker (the extra dev-servers)")
    from docker.models.containers import _create_container_args

    template = worker.DockerWorker.get_default_base_job_template()
    values = variables(DOCKER, 2)
    assert set(values) <= set(template["variables"]["properties"])
    configuration = configured(worker.DockerWorkerJobConfiguration, template, values)
    configuration.env["PREFECT_API_URL"] = (
        "https://prefect.example.org/api"  # the worker's own; a local one asks Docker
    )
    settings = worker.DockerWorker._build_container_settings(None, None, configuration)
    settings.pop("auto_remove")  # passed by itself
    made = _create_container_args({**settings, "version": "1.43"})
    (request,) = made["host_config"]["DeviceRequests"]
    assert request["Capabilities"] == [["gpu"]]
    assert made["host_config"]["ShmSize"] == 2 << 30
    assert made["host_config"]["NetworkMode"] == "host"
    binds = {bind.split(":")[1] for bind in made["host_config"]["Binds"]}
    environment = made["environment"]
    assert {environment["STYLE2TALKER_ROOT"], environment["STYLE2TALKER_SLOTS"]} <= binds


def job_template(worker: Any) -> dict[str, Any]:
    """Prefect's own template with the page's changes."""
    template: dict[str, Any] = copy.deepcopy(worker.KubernetesWorker.get_default_base_job_template())
    spec = template["job_configuration"]["job_manifest"]["spec"]
    inner = spec["template"]["spec"]
    inner["containers"][0] |= json.loads(block(KUBERNETES, 1))
    inner |= json.loads(block(KUBERNETES, 2))
    return template


def test_the_pieces_make_a_job_of_kubernetes() -> None:
    worker = pytest.importorskip("prefect_kubernetes.worker", reason="needs prefect-kubernetes (the extra dev-servers)")
    schemas = pytest.importorskip("kubernetes_validate", reason="needs kubernetes-validate (the extra dev-servers)")
    template = job_template(worker)
    values = variables(KUBERNETES, 5)
    assert set(values) <= set(template["variables"]["properties"])
    configuration = configured(worker.KubernetesWorkerJobConfiguration, template, values)
    configuration._populate_image_if_not_present()
    configuration._populate_command_if_not_present()
    configuration._populate_env_in_manifest()
    job = configuration.job_manifest
    # Not strictly: Prefect's own template has two keys in a place where Kubernetes ignores them.
    schemas.validate(job, schemas.latest_version())
    assert job["spec"]["backoffLimit"] == 0
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": 1}
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert {"name": "STYLE2TALKER_ROOT", "value": "/srv/style2talker"} in container["env"]
    assert "/srv/style2talker" in mounted
    names = {volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} <= names
