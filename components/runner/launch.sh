#!/bin/sh
# `sh components/runner/launch.sh <module>` runs a stage with the Python of the project's environment: the first of
# the activated one, the one whose `dvc` asks, and `.venv` that has the project's packages. DVC has removed the
# stage's outputs when this runs, so "python: not found" would come too late.
# `exec`, here and in dvc.yaml: a shell in between would let the stage outlive a killed `dvc`.
asking=$(tr '\0' '\n' 2>/dev/null <"/proc/$PPID/cmdline" | head -n 1)
for python in python "$asking" .venv/bin/python python3; do
    case $python in */python* | python*) ;; *) continue ;; esac
    if "$python" -c 'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("torch", "pydantic"))))' 2>/dev/null; then
        exec "$python" -m components.runner.launch "$@"
    fi
done
echo 'error: no Python with the packages of the project; make env, then: . .venv/bin/activate' >&2
echo '       (outputs that DVC removed come back with: dvc checkout)' >&2
exit 2
