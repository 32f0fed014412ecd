# Everything from a fresh clone. PYTHON chooses the interpreter that the virtual environment is made with.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
# The readable suites over a target; selftest/ is run before them.
SUITES := $(filter-out suites/selftest/,$(wildcard suites/*/))
# Tests that run whole scenarios or the real command come after the others; then the zoo, which fills the machine.
SLOW   := $(addprefix suites/selftest/,acceptance engine plugin)
ZOO    := suites/selftest/zoo
# A PostgreSQL for as long as a command runs; a scenario for each of three suites; one of each kind, and all in which a submit is sent again.
ON_POSTGRES := $(BIN)/python fixtures/shop/postgres.py
STORED_ON_POSTGRES := $(ON_POSTGRES) $(PYTEST) suites/selftest/shop -q -n 2 --dist loadfile -m storage
SUITES_ON_POSTGRES := $(ON_POSTGRES) $(PYTEST) suites/browser suites/backend suites/security -q --captchaos-target fixtures/shop/postgres.toml -k
ON_POSTGRES_DAILY := login-1004-frame-refused-cold or checkout-2003-verdict-internal-error-cold or login-forged-in-client-outage
ON_POSTGRES_SAMPLE := login-1004-frame-refused-cold or checkout-1006-config-reset-warm or app-checkout-1001-page-status-503-cold \
	or mini-profile-1006-config-refused-cold or login-2002-verdict-refused-cold or checkout-2003-verdict-internal-error-cold \
	or mini-profile-2003-verdict-internal-error-cold or register-2003-sms-status-500-cold or submit-answer-lost or login-forged-in-client-outage
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: demo test test-postgres nightly zoo bench docs lint setup node firefox postgres
.DEFAULT_GOAL := test

demo: setup ## run the main job on the reference shop and say where the report is
	$(BIN)/captchaos run

test: lint setup node postgres ## the project's own tests, the fast ones first
	$(PYTEST) suites/selftest $(SLOW:%=--ignore=%) --ignore=$(ZOO) -q -n 3 --dist loadfile
	$(PYTEST) $(SLOW) -q -n 3 --dist loadfile
	$(PYTEST) $(ZOO) -q -n 2 --dist loadfile
	$(PYTEST) $(SUITES) -q --captchaos-sample
	$(STORED_ON_POSTGRES)
	$(SUITES_ON_POSTGRES) "$(ON_POSTGRES_DAILY)"

test-postgres: $(READY) postgres ## what the shop keeps, and a sample of the suites, on PostgreSQL
	$(STORED_ON_POSTGRES)
	$(SUITES_ON_POSTGRES) "$(ON_POSTGRES_SAMPLE)"

nightly: test firefox ## and what is too long for every day: the whole plan as pytest items, on both clocks, sabotaged, ten times over
	$(PYTEST) suites -q -m nightly
	$(PYTEST) suites/browser suites/backend suites/security suites/recovery -q
	$(PYTEST) suites/fuzz -q --hypothesis-profile nightly
	$(ON_POSTGRES) $(PYTEST) suites/browser suites/backend suites/security suites/recovery -q --captchaos-target fixtures/shop/postgres.toml
	$(BIN)/python -m bench alarms --runs 20 --busy 10

zoo: setup ## the shops with one known bug each: which is killed by what
	$(BIN)/captchaos zoo

bench: setup ## the figures, as ratios of one run
	$(BIN)/python -m bench

docs: $(READY) ## what is made from the sources, and the documentation as a site in build/site
	$(BIN)/python -m handbook write
	$(BIN)/python -m handbook build

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

setup: $(READY)
	$(BIN)/captchaos setup

node: # the vendor's Node SDK and Node's crypto check it in the tests; captchaos itself needs no Node
	@command -v npm >/dev/null \
	  || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -y -q nodejs npm; } \
	  || { echo "the tests need Node 20 or newer with npm: sudo apt-get install nodejs npm"; exit 1; }

firefox: # what the option --engine firefox is tried on every night; captchaos itself needs none
	@{ command -v firefox-esr || command -v firefox; } >/dev/null && command -v certutil >/dev/null \
	  || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -y -q firefox-esr libnss3-tools; } \
	  || { echo "the nightly tests need Firefox and certutil: sudo apt-get install firefox-esr libnss3-tools"; exit 1; }

postgres: $(READY) # the shop is tried on it, too; it keeps its business in SQLite where nobody says otherwise
	@$(ON_POSTGRES) --find >/dev/null 2>&1 \
	  || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -y -q postgresql; } \
	  || { $(ON_POSTGRES) --find; exit 1; }

$(READY): pyproject.toml requirements/ci.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "captchaos needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -y -q python3-venv; } \
	  || { echo "this Python cannot make virtual environments: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -r requirements/ci.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@
