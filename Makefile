# Two commands are enough on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
EXTRAS ?= dev
BIN    := $(VENV)/bin
WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 2)")

.PHONY: demo test suite lint style types format bench bench-small clean

demo: $(VENV)/.core
	$(BIN)/everyframe demo $(DEMO_ARGS)

# Types are looked at while the tests run: that takes one core, and the tests leave some of the other's time.
test: style
	$(MAKE) --no-print-directory --jobs 2 types suite

# Each worker is one process on one core; more threads would only wait for each other. Two workers more than
# cores, as some tests wait for cameras and servers most of the time. What Python makes of the code is kept, or
# each of the many processes would begin by compiling it.
suite: $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= \
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(PYTEST_ARGS)

lint: style types

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.core
	$(BIN)/python -m benchmarks.run

bench-small: $(VENV)/.dev
	$(BIN)/python -m benchmarks.run --small
	$(BIN)/python -m benchmarks.classify --small

# The stamps make an install happen once, and again when what it depends on has changed.
$(VENV)/.core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

# RapidOCR asks for another build of OpenCV, which would overwrite ours: it comes without what it asks for.
$(VENV)/.dev: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps rapidocr
	touch $@ $(VENV)/.core

clean:
	rm -rf $(VENV) build dist everyframe-demo
