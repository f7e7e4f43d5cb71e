# Everything runs from .venv, which is made from the hash-pinned lock file.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# How many tests run at once, each process with a PostgreSQL database of its own. Those that start
# whole process trees come after, one at a time: some say how soon a process is there, or gone.
TESTS_AT_ONCE ?= 2

# Tests and the demo start many interpreters: each would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo run test check e2e pictures bench lock clean

help:            ## What can be done here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)/.installed  ## The bot running on this machine, no accounts needed
	$(BIN)/entente demo

run: $(VENV)/.installed   ## The bot, with the settings in .env
	$(BIN)/entente db upgrade
	$(BIN)/entente run

test: $(VENV)/.installed  ## All tests
	$(BIN)/python -m pytest -n $(TESTS_AT_ONCE) --dist worksteal -m "not process"
	$(BIN)/python -m pytest -m process

check: $(VENV)/.installed ## Format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

e2e: $(VENV)/.installed   ## Process trees, Microsoft's simulator (needs npm), the playground (both need chromium)
	$(BIN)/python -m pytest tests/scenarios tests/adapters/local tests/simulator -m process
	$(BIN)/python -m pytest tests/browser

pictures: $(VENV)/.installed ## Take the README's pictures of the playground anew (needs chromium)
	$(BIN)/python -m tests.browser.pictures

bench: $(VENV)/.installed ## Benchmarks, as ratios within one run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	$(BIN)/python -m benchmarks

lock:            ## Write the lock files anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml -c requirements-dev.lock -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml --group dev --group bench -c requirements-dev.lock -o requirements-bench.lock

clean:           ## Remove what was built
	rm -rf $(VENV) dist build .entente
