# Every target makes what it needs; nothing has to be installed by hand but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt
# Two tests at a time, of different files: what a file's tests share is made once.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile
LINT := tests/linting
LINTING := $(if $(shell command -v npm),$(LINT)/.tried)
READERS := $(if $(shell command -v npm),tests/readers/node_modules)

.PHONY: photo quick test test-all lint lint-page docs site bench fuzz release-check clean

## photo: re-expose the example photo and say where the result is
photo: $(VENV)/.product
	$(BIN)/reexpose examples/sunset.jpg --ev -2 -o out/ --overwrite

## quick: tests that need no PyTorch, no browser and no minutes
quick: $(VENV)/.quick
	$(PYTEST) --quick --ignore src/reexposure/training

## test: all tests but the heavy ones
test: $(VENV)/.develop $(READERS)
	$(PYTEST) -m 'not heavy'

## test-all: those, too, that need a cluster, other programs, notebooks or minutes
test-all: $(VENV)/.all $(READERS)
	$(PYTEST)

## lint: style and types
lint: $(VENV)/.develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory lint-page

# The page's JavaScript; without npm, or where it cannot install, this is passed over with a line.
lint-page: $(LINTING)
	@if [ -e $(LINT)/.installed ]; then \
	  $(LINT)/node_modules/.bin/biome lint --config-path $(LINT) --diagnostic-level error src/reexposure/page && \
	  $(LINT)/node_modules/.bin/tsc --project $(LINT); \
	else echo "the page's JavaScript is not checked: npm is missing, or could not install"; fi

## docs: the documentation as a site in out/docs; warnings are errors
docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --site-dir out/docs

## site: the documentation, and in it the live page, as a site for any web server in out/site
site: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 REEXPOSURE_LIVE=live $(BIN)/mkdocs build --quiet --strict --site-dir out/site
	$(BIN)/reexpose page -o out/site/live --overwrite

## fuzz: damaged input for every reader, until something is found or it is stopped
fuzz: $(VENV)/.develop
	$(BIN)/python tests/fuzz.py

## release-check: everything on RELEASING.md's list that a machine can tell
release-check: $(VENV)/.release
	$(BIN)/python tests/release.py

## bench: speed and memory beside Pillow's decode and encode of the same photo, and what starting costs
bench: $(VENV)/.product
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/starting.py

$(VENV)/.product: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(PIP) --editable .
	touch $@

$(VENV)/.quick: $(VENV)/.product
	$(PIP) --group test --editable '.[figures,film]'
	touch $@

$(VENV)/.develop: $(VENV)/.product
	$(PIP) --group test --group lint --group docs --editable '.[figures,film,evaluate,train,heif,deep]'
	touch $@

$(VENV)/.all: $(VENV)/.develop
	$(PIP) --group heavy --editable '.[cluster]'
	touch $@

$(VENV)/.release: $(VENV)/.product
	$(PIP) --group release
	touch $@

$(VENV)/.docs: $(VENV)/.product
	$(PIP) --group docs
	touch $@

# Readers of Ultra HDR that are not ours, for the tests; without npm those tests are skipped.
tests/readers/node_modules: tests/readers/package.json
	npm install --prefix tests/readers --no-package-lock --no-audit --no-fund --silent
	touch $@

$(LINT)/.tried: $(LINT)/package.json
	rm -f $(LINT)/.installed
	npm install --prefix $(LINT) --no-package-lock --no-audit --no-fund --silent && \
	  $(LINT)/node_modules/.bin/biome --version >/dev/null && touch $(LINT)/.installed || true
	touch $@

clean:
	rm -rf $(VENV) tests/readers/node_modules $(LINT)/node_modules $(LINT)/.installed $(LINT)/.tried out
