# One door for everything a developer does; CI goes through the same one (.ci/run).
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
LOCKS := requirements.lock requirements-dev.lock

.PHONY: help install demo run test newest check format lint types architecture bench chaos lock screenshots clean

help:  ## what this file can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(STAMP)  ## make .venv from the lock and install Easel into it

$(STAMP): $(LOCKS) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Easel needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install  ## the bot against simulated Discord and Azure, in a browser
	@exec $(BIN)/python -m sandbox

run: install  ## the bot against the real Discord and the real Azure, by .env
	@exec $(BIN)/python -m bot run

check: format lint types architecture  ## everything that needs no running bot

format: install
	$(BIN)/ruff format --check .

lint: install
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

architecture: install
	$(BIN)/lint-imports

test: check  ## the whole suite, as CI runs it
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 4 --dist loadfile --no-loadscope-reorder
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

newest: install  ## the unit layer and one picture, on the newest Python of this machine
	@exec $(BIN)/python -m tests.newest

bench: install  ## load on the real bot beside a 30-line reference bot
	@exec $(BIN)/python -m bench

chaos: install  ## kill the bot 50 times amid faults, on each store, and account for every job
	@exec $(BIN)/python -m bench.chaos

screenshots: install  ## make the pictures in docs/ anew from the demo page
	$(BIN)/python -m tests.browser.screenshots

lock:  ## write both lock files anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv .venv-newest build *.egg-info htmlcov .coverage*
