# `make run` and `make test` need Python 3.11+, make and a package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check setup setup-dev browser bench fuzz screenshots weights findings clean help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## Set everything up and open the app
	@echo "== Starting xray: your browser opens http://localhost:8501 (Ctrl-C stops it)"
	$(BIN)/streamlit run app.py

test: setup-dev browser ## Set everything up and run every check and test
	@echo "== Checking style, types and the direction of imports"
	$(MAKE) --no-print-directory check
	@echo "== Running the tests, those in a real browser included"
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup-dev ## Format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@echo "== Making a virtual environment in $(VENV)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "xray needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "== Installing what the app needs (a few minutes, about 3 GB with TensorFlow)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "== Installing what the tests need"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

browser: ## Find a Chromium for the browser tests, installing Debian's where allowed
	@sh tests/install_browser.sh

bench: setup-dev ## Measure the speed on this machine
	$(BIN)/python -m xray bench

fuzz: setup-dev ## Feed 20,000 damaged files to the readers
	$(BIN)/python -m tests.fuzz

RUNS ?= runs
TRAIN = KERAS_BACKEND=torch $(BIN)/python -m xray train $(DATA) --seed 1 --mixed

TEACHERS ?= $(RUNS)/teachers
SMALL = models/efficientnet_lite2.npz
WITHOUT = --protocol source --leave-out roboflow

weights: setup-dev ## Make models/ anew from its DenseNet: DATA=films LITE=lite2.pth
	$(BIN)/python -m pip install --quiet -r requirements-train.txt
	for fold in 0 1 2 3 4; do \
		test -f $(TEACHERS)/efficientnet_fold$$fold.npz || { \
		$(TRAIN) --recipe efficientnet --weights $(LITE) --fold $$fold \
			--out $(RUNS)/efficientnet_fold$$fold && mkdir -p $(TEACHERS) && \
		cp $(RUNS)/efficientnet_fold$$fold/average.npz \
			$(TEACHERS)/efficientnet_fold$$fold.npz; } || exit 1; \
	done
	$(TRAIN) --recipe small --weights $(TEACHERS)/efficientnet_fold0.npz --fold 0 \
		--teachers $(TEACHERS) --out $(RUNS)/small
	$(TRAIN) --recipe further --seed 2 --weights $(RUNS)/small/average.npz --fold 0 \
		--teachers $(TEACHERS) --out $(RUNS)/further
	for seed in 3 4; do \
		$(TRAIN) --recipe further --seed $$seed --fold 0 --teachers $(TEACHERS) \
			--weights $(RUNS)/further/average.npz --out $(RUNS)/further$$seed || exit 1; \
	done
	$(BIN)/python -m xray quantize $(DATA) --fold 0 --out $(SMALL) \
		--weights $(RUNS)/further3/average.npz $(RUNS)/further4/average.npz
	$(TRAIN) --recipe small --epochs 10 --weights $(TEACHERS)/efficientnet_fold0.npz \
		$(WITHOUT) --teachers $(TEACHERS) --out $(RUNS)/without
	for seed in 2 3; do \
		$(TRAIN) --recipe further --epochs 8 --seed $$seed $(WITHOUT) \
			--teachers $(TEACHERS) --weights $(RUNS)/without/average.npz \
			--out $(RUNS)/without$$seed || exit 1; \
	done
	$(BIN)/python -m xray quantize $(DATA) $(WITHOUT) --out $(RUNS)/without_roboflow.npz \
		--weights $(RUNS)/without2/average.npz $(RUNS)/without3/average.npz
	$(BIN)/python -m tests.strangers $(RUNS)/strangers
	$(BIN)/python -m xray evaluate $(DATA) --fit --strangers $(RUNS)/strangers \
		--left-out-networks $(RUNS)/without_roboflow.npz \
		--explanations --write-card --weights models/densenet201.npz
	$(BIN)/python -m xray evaluate $(DATA) $(WITHOUT) \
		--second $(RUNS)/without_roboflow.npz --write-card \
		--weights models/densenet201.npz

findings: setup-dev ## Make the network of findings anew: FILMS=folder DATA=data LITE=lite2.pth
	$(BIN)/python -m pip install --quiet -r requirements-train.txt
	KERAS_BACKEND=torch $(BIN)/python -m xray findings $(FILMS) --unbroken $(DATA) \
		--imagenet $(LITE) --runs $(RUNS)/findings --mixed

screenshots: setup-dev browser ## Take the screenshots in docs/ again
	XRAY_SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
