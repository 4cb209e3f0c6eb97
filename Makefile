# The index of chores. `make` alone lists them; each makes its own environment in .venv first.

PYTHON ?= python3
PYTEST_FLAGS ?=
BENCH_FLAGS ?=
SPEED_FLAGS ?=
DEMO_STORE ?= demo-output/store
LOCK_FLAGS ?=
BASE ?= python:3.11-slim
IMAGE_FLAGS ?=
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

VENV := .venv
BIN := $(VENV)/bin
# Made last, so that an interrupted set-up is begun anew.
LOCKED := $(VENV)/.locked
READY := $(VENV)/.ready
NEWEST := build/newest-grpcio
# KServe's client wants other versions than ours of what we both use.
KSERVE := $(VENV)/kserve
KSERVE_READY := $(KSERVE)/.ready
KSERVE_LOCK := tests/e2e/clients/kserve.lock

.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-peers budgets newest-grpcio check fmt protos docs monitoring figures pictures lock k8s images kserve clean prerequisites

help: ## List these chores
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Learn, publish, serve, hot-swap under traffic (DEMO_DATA=synthetic, DEMO_FULL=1)
	$(BIN)/hotshelf demo

test: $(READY) $(KSERVE_READY) ## Run the tests (PYTEST_FLAGS="-k words")
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

bench: $(READY) ## Measure speed, then the reload gates: 15 minutes on an idle machine (SPEED_FLAGS, BENCH_FLAGS="--rounds 3")
	$(BIN)/python -m tests.benchmarks.speed --own $(SPEED_FLAGS)
	$(BIN)/python -m tests.benchmarks.reload_gates $(BENCH_FLAGS)

bench-peers: $(READY) ## Measure speed beside other servers, and write docs/performance.md (SPEED_FLAGS="--rounds 5 --seconds 3")
	$(BIN)/python -m tests.benchmarks.speed --out docs/performance.json --page \
	  $(if $(wildcard $(DEMO_STORE)/shop),--shop $(DEMO_STORE)) $(SPEED_FLAGS)

newest-grpcio: $(READY) ## Try the fast lane with the newest grpcio, laid over the one in the lock
	rm -rf $(NEWEST) && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --pre --target $(NEWEST) grpcio
	PYTHONPATH=$(NEWEST) $(BIN)/python -m pytest --quiet --no-header tests/integration/transport tests/integration/protocol

budgets: $(READY) ## Count instructions and opcodes anew, and keep them as the budgets that tests hold us to (valgrind)
	$(BIN)/python -m tests.budgets --keep

check: $(READY) ## Lint, types, import rules, generated code, lock
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint containers/Dockerfile
	$(MAKE) protos
	$(MAKE) docs
	$(MAKE) monitoring
	git diff --exit-code -- protos/gen docs k8s
	@new=$$(git ls-files --others --exclude-standard protos/gen k8s); test -z "$$new" || { \
	  echo "not committed: $$new" >&2; exit 1; }
	$(BIN)/python -m pytest --quiet tests/unit/house tests/unit/protos

fmt: $(READY) ## Format the code and apply the linter's safe fixes
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

protos: $(READY) ## Generate protos/gen anew
	$(BIN)/python protos/generate.py

docs: $(READY) ## Generate the tables of docs/ anew
	$(BIN)/python docs/generate.py

monitoring: $(READY) ## Generate the rules and dashboards of k8s/components/monitoring anew
	$(BIN)/python -m k8s.monitoring.generate

figures: $(READY) ## Train anew what docs/training.md shows (DATA=online_retail.parquet)
	$(BIN)/python docs/figures.py $(DATA)

pictures: $(READY) ## Draw the README's pictures anew (needs Chromium and Prometheus; two minutes)
	$(BIN)/python -m tests.benchmarks.dashboard_picture docs/pictures/dashboard.png
	HOTSHELF_SCREENSHOT=docs/pictures/report.png $(BIN)/python -m pytest --quiet tests/e2e/test_reports_in_browser.py -k screen

k8s: $(READY) ## Render every overlay and check it (needs kubectl; HOTSHELF_TEST_CRDS=FOLDER also checks custom resources)
	$(BIN)/python -m pytest --quiet tests/integration/k8s

images: $(READY) ## Build the images by podman, tell their sizes, try them out (BASE=python:3.12-slim, IMAGE_FLAGS="--network host")
	@mkdir -p dist
	@for role in server trainer; do set -ex; \
	  podman build $(IMAGE_FLAGS) --format docker --build-arg BASE=$(BASE) --build-arg VERSION=$(VERSION) --target $$role \
	    --tag hotshelf-$$role:$(VERSION) --file containers/Dockerfile .; \
	  $(BIN)/cyclonedx-py requirements --output-reproducible --output-file dist/hotshelf-$$role.cdx.json containers/$$role.lock; \
	  podman run --rm --interactive --entrypoint sh hotshelf-$$role:$(VERSION) -s <containers/sizes.sh; \
	done
	HOTSHELF_TEST_IMAGES=$(VERSION) $(BIN)/python -m pytest --quiet tests/e2e/containers

kserve: $(KSERVE_READY) ## Make the environment of KServe's client, for its test

# Nothing of this machine may enter a lock: no configuration, no local index.
define COMPILE
env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
uv pip compile --universal --python-version 3.11 --generate-hashes --no-config --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make lock" --quiet $(LOCK_FLAGS)
endef

lock: ## Pin every dependency in requirements.lock (LOCK_FLAGS=--upgrade takes the newest)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --all-extras --group lock --output-file requirements.lock
	$(COMPILE) $(KSERVE_LOCK:.lock=.in) --output-file $(KSERVE_LOCK)
	$(COMPILE) containers/build.in --constraint requirements.lock --output-file containers/build.lock
	$(COMPILE) pyproject.toml --extra server --extra onnx --extra tracing --constraint requirements.lock \
	  --output-file containers/server.lock
	$(COMPILE) pyproject.toml --extra trainer --extra postgresql --extra dask --extra tracing --constraint requirements.lock \
	  --output-file containers/trainer.lock

clean: ## Remove the environment, caches and the demo's output
	rm -rf $(VENV) build dist demo-output .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call install,environment,lock). uv is used when present, because it is quicker; pip does the same.
define install
@if command -v uv >/dev/null; then set -x; \
  uv pip install --quiet --python $(1)/bin/python --require-hashes --requirements $(2); \
else set -x; \
  $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(2); \
fi
endef

$(LOCKED): requirements.lock
	@$(MAKE) --no-print-directory prerequisites
	$(PYTHON) -m venv --clear $(VENV)
	$(call install,$(VENV),requirements.lock)
	@touch $@

# Behind the main environment, which is cleared when it is made anew, and this one with it.
$(KSERVE_READY): $(KSERVE_LOCK) $(LOCKED)
	$(PYTHON) -m venv --clear $(KSERVE)
	$(call install,$(KSERVE),$(KSERVE_LOCK))
	@touch $@

# Installing compiles the tree engine as well.
$(READY): $(LOCKED) pyproject.toml server/build_trees.py $(wildcard server/hotshelf_server/runtimes/trees/native/*)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

define NO_PYTHON
Hotshelf needs Python 3.11 or newer, but `$(PYTHON)` is missing or older.
Install it (Debian, Ubuntu: apt-get install python3), or name another: make PYTHON=python3.12
endef
define NO_VENV
`$(PYTHON)` lacks the venv module. Install it (Debian, Ubuntu: apt-get install python3-venv).
endef
define NO_LIBGOMP
LightGBM needs the library libgomp.so.1. Install it (Debian, Ubuntu: apt-get install libgomp1; Fedora: dnf install libgomp).
endef
export NO_PYTHON NO_VENV NO_LIBGOMP

prerequisites:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$$NO_PYTHON" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$$NO_VENV" >&2; exit 1; }
	@$(PYTHON) -c 'import ctypes, sys; sys.platform != "linux" or ctypes.CDLL("libgomp.so.1")' 2>/dev/null || { \
	  echo "$$NO_LIBGOMP" >&2; exit 1; }
