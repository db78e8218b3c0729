# touchsim: `make demo` shows it, `make test` proves it; both build .venv from requirements/lock.txt when needed.
.DEFAULT_GOAL := help
.PHONY: help env demo test proof lint types notebooks golden lock bench clean
SHELL := /bin/sh
# Small matrices on many threads are slower, by far so where tests already use every core.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/.built
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input

help: ## show what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

env: $(STAMP) ## build .venv from the hash-locked file (Python 3.11 or newer)

$(STAMP): requirements/lock.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "touchsim needs Python 3.11 or newer; none of python3.11 ... python3, python is one." >&2; exit 1; }
	@echo "building .venv with $$($(PYTHON) --version) (about a minute) ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --no-deps --no-compile -r requirements/lock.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $(STAMP)

demo: env ## set up, simulate and survey the web shop, show where report and pictures are
	@rm -rf demo
	@$(BIN)/touchsim study webshop --out demo/study
	@$(BIN)/touchsim run webshop --customers 20000 --replications 10 --out demo/run
	@echo "Open demo/study/report.html (which facets drive satisfaction, beside the truth)"
	@echo " and demo/run/report.html (the funnel, the touchpoint map and the journeys)."
	@echo "To go on: . .venv/bin/activate, then touchsim --help"

test: env lint types ## everything that CI runs: style, types, tests, examples, notebooks
	@$(BIN)/python -m pytest -n 2 -q

proof: env ## the long promises: many replications, many generated worlds
	@$(BIN)/python -m pytest -n 2 -q -m proof

lint: env ## check the style
	@$(BIN)/ruff check .

types: env ## check the types
	@$(BIN)/mypy

notebooks: env ## execute and rewrite notebooks/*.ipynb
	@$(BIN)/python -m tests.notebooks.execute

golden: env ## rewrite the golden numbers (each change is a line in CHANGELOG.md marked [NUMBERS])
	@$(BIN)/python -m tests.golden.write

bench: env ## measure the speed against the frozen reference program
	@$(BIN)/python -m benchmarks

lock: env ## resolve requirements/lock.txt anew (needs uv on the PATH or in .venv)
	@uv=$$(command -v uv || echo $(BIN)/uv); test -x "$$uv" || { $(PIP) install uv; uv=$(BIN)/uv; }; \
	"$$uv" pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade --quiet -o requirements/lock.txt

clean: ## remove .venv and everything that was built
	@rm -rf .venv build dist demo runs .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
