# Portal KTP-el Kudus. `make` alone lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run test test-deep check bench clean

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
PYTEST := $(VENV_PYTHON) -m pytest
PARALLEL ?= -n 2 --dist loadfile
export PORTAL_STARTED_AT := $(shell date +%s)

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start the whole portal, with its own PostgreSQL and Valkey, until Ctrl-C (PORT=8001 for another port)
	@$(PYTHON) tools/set_up.py requirements.txt
	@exec $(VENV_PYTHON) manage.py portal

test: ## run the tests on a real PostgreSQL, Valkey and Chromium (BROWSER=skip: without Chromium; ARGS: for pytest)
	@$(PYTHON) tools/set_up.py requirements-dev.txt
	@$(VENV_PYTHON) tools/find_browser.py
	@exec $(PYTEST) $(PARALLEL) $(if $(filter skip,$(BROWSER)),-m "not deep and not browser") $(ARGS)

test-deep: ## run every test, the slow and wide ones too
	@$(PYTHON) tools/set_up.py requirements-dev.txt
	@$(VENV_PYTHON) tools/find_browser.py
	@exec $(PYTEST) -m $(if $(filter skip,$(BROWSER)),"not browser","deep or not deep") $(ARGS)

check: ## style, types, layers, migrations, translations, secrets
	@$(PYTHON) tools/set_up.py requirements-dev.txt
	@exec $(VENV_PYTHON) tools/check.py $(ARGS)

bench: ## measure what one machine carries; results in benchmarks/results/
	@$(PYTHON) tools/set_up.py requirements-dev.txt
	@exec $(VENV_PYTHON) -m benchmarks quick

clean: ## remove the virtual environment and caches; var/, which holds the data, stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache htmlcov .coverage
