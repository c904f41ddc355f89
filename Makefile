# Every target makes what it needs; nothing has to be installed by hand but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet
READERS := $(if $(shell command -v npm),tests/readers/node_modules)

.PHONY: photo test lint bench fuzz clean

## photo: re-expose the example photo and say where the result is
photo: $(VENV)/.product
	$(BIN)/reexpose examples/sunset.jpg --ev -2 -o out/ --overwrite

## test: all tests
test: $(VENV)/.develop $(READERS)
	$(BIN)/python -m pytest

## lint: style and types
lint: $(VENV)/.develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

## fuzz: damaged input for every reader, until something is found or it is stopped
fuzz: $(VENV)/.develop
	$(BIN)/python tests/fuzz.py

## bench: speed and memory beside Pillow's decode and encode of the same photo
bench: $(VENV)/.product
	$(BIN)/python benchmarks/bench.py

$(VENV)/.product: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.develop: $(VENV)/.product
	$(PIP) --editable '.[figures,evaluate,train,dev]'
	touch $@

# Readers of Ultra HDR that are not ours, for the tests; without npm those tests are skipped.
tests/readers/node_modules: tests/readers/package.json
	npm install --prefix tests/readers --no-package-lock --no-audit --no-fund --silent
	touch $@

clean:
	rm -rf $(VENV) tests/readers/node_modules out
