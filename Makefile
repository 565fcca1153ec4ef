# Every target makes what it needs in .venv. `make PYTHON=python3.11 ...` chooses the Python.

VENV ?= .venv
PYTHON ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

python := $(VENV)/bin/python
# Compiling all that is installed takes half the time of installing it; Python compiles what it imports, and keeps it in
# build/ for all who import it: two environments, workers of pytest, the interpreters that tests start.
pip := $(python) -m pip install --quiet --disable-pip-version-check --no-compile
export PYTHONPYCACHEPREFIX := $(abspath build/pycache)
unexport PYTHONDONTWRITEBYTECODE
# Where CI is set, the extension in use is built with warnings as errors; else `make check` compiles one more for that.
strict := $(if $(CI),--config-settings cmake.define.LEARNEDIDX_WERROR=ON)
bindings := $(if $(CI),,--bindings)
# There, too, all C++ tests are compiled, once, under the sanitizers.
cpp_tests := $(if $(CI),asan,part)
# Tools of the environment (cmake, ninja, ruff) come before those of the system.
tools := PATH="$(abspath $(VENV))/bin:$$PATH"

cpp_sources := $(shell find cpp tests/cpp -type f)
# A folder is newer than the stamp when a file was added to it or removed.
python_rooms := $(shell find learnedidx -type d ! -name __pycache__)

.PHONY: help build demo downloads test test-cpp test-long test-package test-sanitize sanitize-cpp sanitize-python sanitize-threads fuzz check bench bench-suites docs venv clean

help:
	@echo "make demo           train, check, time and draw an RMI beside its rivals"
	@echo "make test           the tests, Python and C++; PYTEST=--whole repeats them on every kernel row"
	@echo "make test-long      all cases with 2,000 examples each, the long tests, and the whole under the sanitizers"
	@echo "make test-sanitize  C++ and Python under the sanitizers of addresses, undefined behaviour and threads"
	@echo "make test-package   programs in C++, built with the installed headers in every way"
	@echo "make fuzz           open damaged files under the sanitizers, FUZZ=10s or FUZZ=1000000"
	@echo "make check          format, lint, words, types, stubs, warnings as errors, architecture"
	@echo "make bench          the leaderboard and its page: KEYS=file for yours, SIZES=small for minutes, SIZES=tiny to see it run"
	@echo "make bench-suites   the benchmark suites of pytest, BENCH=options"
	@echo "make docs           the documentation, in build/site"

venv:
	@scripts/make_venv $(VENV) $(PYTHON)

$(VENV)/.tools: pyproject.toml | venv
	@echo "$(VENV): installing the tools of the build and the tests"
	@$(pip) --group dev
	@touch $@

$(VENV)/.built: $(VENV)/.tools CMakeLists.txt $(wildcard cmake/*) $(cpp_sources) $(python_rooms)
	@echo "$(VENV): building the extension"
	@$(tools) $(pip) --no-build-isolation --no-deps $(strict) --editable .
	@touch $@

build: venv $(VENV)/.built

$(VENV)/.rivals: $(VENV)/.tools scripts/install_demo
	@echo "$(VENV): installing keys and rivals"
	@scripts/install_demo $(python)
	@touch $@

demo: venv $(VENV)/.rivals $(VENV)/.built
	@$(tools) $(python) -m benchmarks demo $(DEMO)

# As many tests at once as there are processors: PYTEST="-n 0" for one. Without options, C++ tests of what those in Python
# do not reach, and a 32nd of large batteries, which ask the same of many models. `.ci/run` runs all C++ tests and a
# 24th on every kernel row, `make test-long` the whole.
test: build
	@$(tools) scripts/test_cpp $(cpp_tests) $(if $(CI),--required)
	@$(tools) $(python) -m pytest -n $(JOBS) --dist worksteal $(or $(PYTEST),--one-in 32)

test-cpp: build
	@$(tools) scripts/test_cpp dev --required $(bindings)

# What .ci/run does not, or a part at a time: about two hours on two processors.
test-long: build
	@$(tools) LEARNEDIDX_FUZZ_QUERIES=10000000 scripts/test_cpp release --required
	@$(tools) scripts/test_cpp aarch64 --required
	@$(tools) scripts/test_sanitized address whole
	@$(tools) scripts/test_sanitized thread whole
	@VENV=$(VENV) scripts/fuzz 200000
	@VENV=$(VENV) BUILDS="Debug Release" scripts/test_wheel
	@$(tools) LEARNEDIDX_HYPOTHESIS=long $(python) -m pytest -n $(JOBS) --dist worksteal --long --whole $(PYTEST)

fuzz: build
	@VENV=$(VENV) scripts/fuzz $(FUZZ)

test-sanitize: sanitize-cpp sanitize-python sanitize-threads

sanitize-cpp: build
	@$(tools) scripts/test_cpp asan --required

sanitize-python: build
	@$(tools) scripts/test_sanitized address

sanitize-threads: build
	@$(tools) TSAN_OPTIONS=die_after_fork=0 scripts/test_cpp tsan --required --only=pool_test,threads_test,memtable_threads_test,memtable_writers_test,memtable_history_test
	@$(tools) scripts/test_sanitized thread

test-package: build
	@$(tools) scripts/test_package

check: $(if $(CI),build,test-cpp)
	@$(tools) ruff format --check .
	@$(tools) ruff check .
	@$(tools) codespell -D - -D docs/words.txt
	@$(tools) proselint check --config docs/proselint.json $$(git ls-files "*.md" ":!benchmarks")
	@$(tools) mypy
	@$(tools) stubtest learnedidx._core --concise --mypy-config-file pyproject.toml --allowlist scripts/stubtest_allowlist
	@$(tools) $(python) -m pytest -q tests/test_architecture.py tests/test_headers.py

# What is measured is kept, line by line: stop when you like, the next `make bench` goes on.
bench: venv $(VENV)/.rivals $(VENV)/.built
	@$(tools) $(python) -m benchmarks run leaderboard --page $(if $(SIZES),--plan $(SIZES)) $(if $(KEYS),--keys "$(KEYS)") $(BENCH)

bench-suites: venv $(VENV)/.rivals $(VENV)/.built
	@$(tools) $(python) -m pytest benchmarks/ $(BENCH)

$(VENV)/.docs: $(VENV)/.tools
	@echo "$(VENV): installing the tools of the documentation"
	@$(pip) --group docs
	@touch $@

docs: build $(VENV)/.docs
	@$(tools) $(python) -m docs.build

# Everything that is downloaded, so that what is built later fails for reasons of its own.
downloads: venv $(VENV)/.tools $(VENV)/.rivals $(VENV)/.docs

clean:
	rm -rf build
