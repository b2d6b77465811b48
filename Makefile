# A fresh machine needs Python 3.11+ and make; every target sets up what it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One file to hand to pytest, mypy or ruff: make test TESTS=tests/media
TESTS ?= tests
PYTEST_FLAGS ?=
# Files of tests that run at once; each may start a Temporal server and load a model.
JOBS ?= 2

.PHONY: demo up test lint types bench lock clean setup
.DEFAULT_GOAL := help

.PHONY: help
help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: setup ## run the whole pipeline on samples/talk.mp4 and show where the page is
	$(BIN)/python starter.py run samples/talk.mp4

up: setup ## keep server, workers and Web UI running until Ctrl-C
	$(BIN)/python starter.py up

test: setup ## run the tests
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(PYTEST_FLAGS) $(TESTS)

lint: setup ## style, formatting and the import rules of docs/architecture.md
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup ## mypy, strict
	$(BIN)/mypy

bench: setup ## all benchmarks; takes about half an hour on two quiet cores
	$(BIN)/python benchmarks/transcription.py
	$(BIN)/python benchmarks/pipeline.py
	$(BIN)/python benchmarks/clips.py
	$(BIN)/python benchmarks/resolve.py
	$(BIN)/python benchmarks/csv_scale.py

lock: $(BIN)/uv ## renew requirements.lock: all pins with hashes, for every platform
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --upgrade \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock
	for set in build cuda; do $(BIN)/uv pip compile deploy/$$set.in --universal --generate-hashes --upgrade \
		--no-emit-index-url --no-header --quiet --output-file deploy/$$set.lock; done

clean: ## remove what the other targets made, but no data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info

setup: $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("mindreel needs Python 3.11 or newer; set PYTHON=python3.12, say." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $@
