# make run ARGS="demo"   set up and start the monitor
# make help              everything else

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
SEEDS ?= 30

# The versions of all that is installed, the build backend included; CONSTRAINTS= takes the newest that fit.
CONSTRAINTS ?= pins/constraints.txt
INSTALL := PIP_CONSTRAINT=$(CONSTRAINTS) PIP_BUILD_CONSTRAINT=$(CONSTRAINTS) $(BIN)/python -m pip install --quiet

.DEFAULT_GOAL := help

$(VENV)/run.stamp: pyproject.toml $(CONSTRAINTS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml $(CONSTRAINTS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable ".[dev]"
	@touch $@ $(VENV)/run.stamp

.PHONY: run
run: $(VENV)/run.stamp ## Set up and start the monitor; ARGS="demo --models speech-rt,gender" is passed on
	@$(BIN)/deeptone-tui $(ARGS)

.PHONY: setup
setup: $(VENV)/dev.stamp ## Set up everything that development needs

.PHONY: test
test: $(VENV)/dev.stamp ## Set up and pass the tests; PYTEST_ARGS is passed on
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not realtime and not serial and not thorough" $(PYTEST_ARGS)
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "realtime and not thorough" $(PYTEST_ARGS)
	$(PYTEST) -m serial $(PYTEST_ARGS)

.PHONY: test-system
test-system: $(VENV)/dev.stamp ## What make test leaves out because it takes long; PYTEST_ARGS is passed on
	$(PYTEST) -n 2 --dist loadfile -m thorough $(PYTEST_ARGS)

.PHONY: test-seeds
test-seeds: $(VENV)/dev.stamp ## The properties alone, on SEEDS=30 fresh seeds; tells which of them failed
	@failed=; \
	for seed in $$($(BIN)/python -c "import secrets; print(*(secrets.randbelow(2**32) for _ in range($(SEEDS))))"); do \
	  echo "seed $$seed"; \
	  $(PYTEST) -q -n 3 --dist loadfile -m hypothesis --hypothesis-profile=fresh --hypothesis-seed=$$seed $(PYTEST_ARGS) \
	    || failed="$$failed $$seed"; \
	done; \
	echo "$(SEEDS) seeds, failed:$${failed:- none}"; test -z "$$failed"

.PHONY: test-newest
test-newest: $(VENV)/dev.stamp ## The tests on the newest of everything; says what differs and blocks nothing
	@pins/newest $(VENV) $(VENV)-newest

.PHONY: constraints
constraints: ## Raise the versions in pins/constraints.txt to the newest
	PYTHON="$(PYTHON)" pins/resolve raise

.PHONY: constraints-check
constraints-check: ## Resolve pins/constraints.txt for each Python and system
	@PYTHON="$(PYTHON)" pins/resolve check

.PHONY: constraints-installed
constraints-installed: $(VENV)/dev.stamp ## Compare what is installed with the pins, and with a second environment; ARGS=resolve asks pip for that
	@pins/installed $(VENV) $(ARGS)

.PHONY: format
format: $(VENV)/dev.stamp ## Format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix --select I

.PHONY: lint
lint: $(VENV)/dev.stamp ## Format and lint, checked only
	$(BIN)/ruff format --check
	$(BIN)/ruff check

.PHONY: types
types: $(VENV)/dev.stamp ## Strict types
	$(BIN)/mypy

.PHONY: contracts
contracts: $(VENV)/dev.stamp ## The direction of imports
	$(BIN)/lint-imports

.PHONY: check
check: lint types contracts test ## Everything a change has to pass

.PHONY: bench
bench: $(VENV)/dev.stamp ## The benchmarks, as ratios against a baseline of the same run
	$(BIN)/python -m tests.bench

.PHONY: bench-tune
bench-tune: $(VENV)/dev.stamp ## How good the suggested threshold is, against others; ARGS="--half tuning"
	PYTHONPATH=tests $(BIN)/python -m bench.bench_tuning $(ARGS)

.PHONY: bench-pauses
bench-pauses: $(VENV)/dev.stamp ## Whether pauses stay silent at the suggested threshold, by the whole program
	PYTHONPATH=tests $(BIN)/python -m bench.bench_pauses $(ARGS)

.PHONY: counts
counts: $(VENV)/dev.stamp ## What is said of 16 thresholds against what the endpoint does at them; PYTEST_ARGS is passed on
	$(PYTEST) tests/monitor/test_predicted_counts.py --thresholds 16 $(PYTEST_ARGS)

.PHONY: matrix
matrix: $(VENV)/dev.stamp ## Each fault of the matrix at ten moments; PYTEST_ARGS is passed on
	$(PYTEST) -n 2 tests/faults/test_matrix.py --moments 10 $(PYTEST_ARGS)

.PHONY: fuzz
fuzz: $(VENV)/dev.stamp ## A minute of random input at each place where something comes in; ARGS="messages --inputs 100000"
	PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

.PHONY: siege
siege: $(VENV)/dev.stamp ## Ten minutes of recording under attack from terminal and endpoint; ARGS="--seconds 60"
	PYTHONPATH=tests $(BIN)/python -m fuzz.siege $(ARGS)

.PHONY: soak
soak: $(if $(ARGS),,matrix) $(VENV)/dev.stamp ## The matrix, then a day of audio at high speed, a fault each minute; ARGS="--hours 1 --endpoint local"
	PYTHONPATH=tests $(BIN)/python -m faults.soak $(ARGS)

.PHONY: screenshots
screenshots: $(VENV)/dev.stamp ## The pictures in screenshots/, from the real program
	$(BIN)/python screenshots/make.py

.PHONY: clean
clean: ## Remove what the targets above have made
	rm -rf $(VENV) $(VENV)-newest .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache snapshot_report.html

.PHONY: help
help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "make %-21s %s\n", $$1, $$2}'
