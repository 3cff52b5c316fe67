# The whole house from one place. Needs Python 3.11 or newer and make; nothing else.
#
#   make demo         an invented leak, traced before your eyes, and a finished case in build/demo
#   make test         everything that must hold
#   make check        style, types and layers only
#   make bench        the measured figures
#   make accuracy     docs/accuracy.md: thousands of invented dumps beside their truth (up to an hour; it can be resumed)
#   make wheel        dist/luobo-….whl
#   make wheel-check  the wheel works where none of our tools are

SHELL := /bin/sh
VENV  := .venv
BIN   := $(VENV)/bin
PIP   := $(BIN)/python -m pip --disable-pip-version-check

# The first Python that is new enough. PYTHON=/some/python overrules it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

.PHONY: demo test check bench accuracy wheel wheel-check
.DELETE_ON_ERROR:

demo: $(VENV)/.luobo
	rm -rf build/demo
	$(BIN)/luobo demo build/demo

test: check
	$(BIN)/python -m pytest

check: $(VENV)/.luobo-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.luobo-bench
	$(BIN)/python benchmarks/run.py

accuracy: $(VENV)/.luobo
	$(BIN)/python benchmarks/accuracy.py

wheel: $(VENV)/.made
	rm -rf dist
	$(PIP) wheel --quiet --no-deps --wheel-dir dist .

# Away from the sources and without the test tools: only what the wheel brings may be needed.
wheel-check: wheel
	rm -rf build/wheel-check
	$(PYTHON) -m venv build/wheel-check
	build/wheel-check/bin/python -m pip --disable-pip-version-check install --quiet dist/luobo-*.whl
	printf 'name,phone\n赵一,13800001111\n钱二,13900002222\n' > build/wheel-check/table.csv
	cd build/wheel-check && bin/luobo --version && bin/luobo --help >/dev/null && bin/luobo inspect table.csv && \
		bin/luobo vault create vault && bin/luobo vault add vault table.csv --platform one --taken-at 2025-05-01 && \
		{ bin/luobo trace table.csv --vault vault || test $$? -eq 1; }
	@cd build/wheel-check && ! bin/python -c 'import pytest' 2>/dev/null
	@echo "wheel-check: the wheel stands on its own"

# A stamp is touched when its installation is complete, so a second run installs nothing.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "luobo needs Python 3.11 or newer: none found" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: its modules venv and ensurepip are missing." >&2; \
		echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.luobo: pyproject.toml $(VENV)/.made
	$(PIP) install --quiet --editable '.[report]'
	@touch $@

$(VENV)/.luobo-dev: pyproject.toml $(VENV)/.made
	$(PIP) install --quiet --editable '.[dev]'
	@touch $(VENV)/.luobo $@

$(VENV)/.luobo-bench: pyproject.toml $(VENV)/.made
	$(PIP) install --quiet --editable '.[bench]'
	@touch $(VENV)/.luobo $@
