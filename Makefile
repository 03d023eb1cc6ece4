# Every target makes .venv by itself; PYTHON names the interpreter it is made with (3.11 or newer).
PYTHON ?= python3
venv := .venv
bin := $(venv)/bin

.PHONY: demo test test-all check bench soak fuzz conformance clients build clean

demo: $(venv)/demo
	$(bin)/python examples/demo.py

test: $(venv)/test
	$(bin)/python -m pytest

test-all: test
	$(bin)/python -m pip install --quiet --group slow
	# They time and kill real processes, browsers and clusters: what fails is tried once more, with the machine to itself.
	$(bin)/python -m pytest -m slow || $(bin)/python -m pytest -m slow --last-failed --last-failed-no-failures none

check: $(venv)/test
	$(bin)/ruff check src tests examples benchmarks fuzz conformance
	$(bin)/ruff format --check src tests examples benchmarks fuzz conformance
	$(bin)/mypy
	$(bin)/pyright
	$(bin)/python -m pytest tests/test_layers.py tests/typing

bench: $(venv)/test
	$(bin)/python -m benchmarks
	$(bin)/python -m benchmarks.service

soak: $(venv)/test
	$(bin)/python -m benchmarks.soak

fuzz: $(venv)/test
	$(bin)/python -m fuzz --seconds 60

conformance: $(venv)/test
	$(bin)/python -m pip install --quiet --group conformance
	$(bin)/python -m conformance

clients: $(venv)/test
	$(bin)/python tests/clients/run.py

build: $(venv)/test
	$(bin)/python -m build

clean:
	rm -rf $(venv) .clients dist build

$(venv)/pip: pyproject.toml
	$(PYTHON) -m venv $(venv)
	$(bin)/python -m pip install --quiet --upgrade 'pip>=25.1'
	touch $@

$(venv)/demo: $(venv)/pip
	$(bin)/python -m pip install --quiet --editable '.[cli]'
	touch $@

$(venv)/test: $(venv)/pip
	$(bin)/python -m pip install --quiet --editable '.[all]' --group check --group test
	touch $@
