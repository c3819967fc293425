# The two commands a newcomer needs are `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-host check bench lock

run: .venv
	@$(BIN)/memwarden run

test: .venv/dev
	$(BIN)/pytest -q

# Boots real systemd hosts: needs root and the Debian packages that .ci/run installs.
test-host: .venv/dev
	$(BIN)/pytest -q -m host

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -q --cov --cov-report=term:skip-covered --cov-fail-under=90

bench: .venv/dev
	$(BIN)/pytest -q -s -m bench tests/bench

# Installed from the hashes of the lock; the project itself needs nothing but what the lock brought.
.venv: requirements.lock pyproject.toml
	@echo "making .venv from requirements.lock (once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv

.venv/dev: .venv requirements-dev.lock
	@echo "adding the tools of requirements-dev.lock (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch .venv/dev

lock:
	uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 \
		--no-header --no-emit-index-url --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --generate-hashes --python-version 3.11 \
		--no-header --no-emit-index-url --quiet --output-file requirements-dev.lock
