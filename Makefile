# Every target makes .venv by itself; PYTHON names the interpreter it is made with (3.11 or newer).
PYTHON ?= python3
venv := .venv
bin := $(venv)/bin
install := $(bin)/python -m pip install --quiet --constraint constraints.txt

.PHONY: demo test test-all check bench soak fuzz conformance clients build versions clean

demo: $(venv)/demo
	$(bin)/python examples/demo.py

test: $(venv)/test
	$(bin)/python -m pytest

test-all: test
	$(install) --group slow
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
	$(install) --group conformance
	$(bin)/python -m conformance

clients: $(venv)/test
	$(bin)/python tests/clients/run.py

build: $(venv)/test
	$(bin)/python -m build

# The newest versions that fit, for every Python and system: what they break is mended in the commit that takes them.
versions: $(venv)/pip
	$(bin)/python -m pip install --quiet 'uv>=0.9,<1'
	$(bin)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --group check --group test --group slow \
		--group conformance --no-annotate --custom-compile-command 'make versions' --output-file constraints.txt pyproject.toml

clean:
	rm -rf $(venv) .clients dist build

$(venv)/pip: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(venv)
	$(bin)/python -m pip install --quiet --upgrade 'pip>=25.1'
	touch $@

$(venv)/demo: $(venv)/pip
	$(install) --editable '.[cli]'
	touch $@

$(venv)/test: $(venv)/pip
	$(install) --editable '.[all]' --group check --group test
	touch $@
