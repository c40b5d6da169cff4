# Needs make and Python 3.11 or newer, nothing else; `make help` explains.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Changes only when the installed packages do, so a second start installs nothing.
INSTALLED := $(VENV)/installed
LOCK_TOOL := $(VENV)-lock
# What the pages load, and the packages that it is built from.
PAGES := api/web/static/dist/manifest.json
NODE_MODULES := node_modules/.package-lock.json

# The first interpreter that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3.14 python3; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$name"; break; fi; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The machine's Node when it is new enough, else the one that a wheel brings, installed when first asked for.
USE_NODE = if ! { node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && npm --version; } >/dev/null 2>&1; then \
	test $(BIN)/node -nt requirements-pages.lock || { echo "Installing Node ..."; \
		$(PIP) install --require-hashes -r requirements-pages.lock && touch $(BIN)/node; } || exit 1; \
	PATH="$(CURDIR)/$(BIN):$$PATH"; fi
# Two processes suit the smallest machine; JOBS=8 for a bigger one.
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo run install pages browser test test-fast format bench soak shots reset lock

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install pages ## a whole region on this machine: servers, API, workers, simulated providers (Ctrl-C ends it)
	@$(BIN)/verkeerstoren demo

run: install pages ## the same without simulator; code and pages follow what changes
	@$(USE_NODE); node api/web/build.js --watch & building=$$!; trap 'kill $$building' EXIT; \
		$(BIN)/verkeerstoren run

install: $(INSTALLED) ## the virtual environment with the locked packages (the others do this themselves)

pages: $(PAGES) ## what the pages load: styles and scripts (the others do this themselves)

test: install pages browser ## every check that CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(JOBS) --dist worksteal

test-fast: install pages browser ## the tests that need seconds: everything but whole systems of several processes
	$(BIN)/pytest -n $(JOBS) -x --ignore tests/system

format: install ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install pages browser ## the benchmarks of README.md, into var/bench.json (about 10 minutes)
	@$(BIN)/python -m bench

soak: install pages browser ## does a board that stays open keep what it should forget: 36,000 updates (about 10 minutes)
	@$(BIN)/python -m bench.soak

shots: install pages browser ## README's pictures, from the demo that runs or one of its own
	@$(BIN)/python -m bench.shots

reset: install ## throw away the demo region and its servers' data
	@$(BIN)/verkeerstoren reset

lock: ## make the lock files of Python again from pyproject.toml, with the newest versions
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@test -x $(LOCK_TOOL)/bin/uv || { "$(PYTHON)" -m venv $(LOCK_TOOL) && \
		$(LOCK_TOOL)/bin/python -m pip --disable-pip-version-check --quiet install uv; }
	$(LOCK_TOOL)/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--output-file requirements.lock
	$(LOCK_TOOL)/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
		--extra embedded --group dev --constraint requirements.lock \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--output-file requirements-dev.lock
	$(LOCK_TOOL)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--group pages --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		--output-file requirements-pages.lock

$(PAGES): $(NODE_MODULES) api/web/build.js $(shell find api/web/assets)
	@$(USE_NODE); node api/web/build.js

$(NODE_MODULES): package.json package-lock.json .npmrc | $(INSTALLED)
	@echo "Installing the locked packages of the pages ..."
	@$(USE_NODE); npm ci --silent
	@touch $@

browser: install ## a Chromium for the tests, where the machine has none
	@$(BIN)/python -m tests.support.chromium

$(INSTALLED): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer is needed and none was found."; \
		echo "Install it, or name it: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON) ..."; "$(PYTHON)" -m venv --clear $(VENV); } || { \
		rm -rf $(VENV); echo "$(PYTHON) can't make a virtual environment (Debian: apt install python3-venv)."; exit 1; }
	@echo "Installing the locked packages ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
