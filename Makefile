# The two commands a newcomer needs are `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

# What was compiled is kept even where the environment says otherwise: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-host check bench lock .venv

run: .venv/installed
	@$(BIN)/memwarden run

test: .venv/dev
	$(BIN)/pytest -q -n 4 --dist worksteal

# Boots real systemd hosts: needs root and the Debian packages that .ci/run installs.
test-host: .venv/dev
	$(BIN)/pytest -q -m host

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -q -n 4 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=90

bench: .venv/dev
	$(BIN)/pytest -q -s -m bench tests/bench

# Installed from the hashes of the lock; the project itself needs nothing but what the lock brought. The file
# `installed` is made last, so that what was interrupted is begun anew.
.venv: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "memwarden needs Python 3.11 or newer: name one, as in make PYTHON=/usr/bin/python3.11"; exit 1; }
	@echo "making .venv from requirements.lock (once, about a minute)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/installed

.venv/dev: .venv/installed requirements-dev.lock
	@echo "adding the tools of requirements-dev.lock (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch .venv/dev

lock:
	uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 \
		--no-header --no-emit-index-url --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --generate-hashes --python-version 3.11 \
		--no-header --no-emit-index-url --quiet --output-file requirements-dev.lock
