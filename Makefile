# Consultant's commands. `make help` explains them; `make demo` and `make test` are the two to know.
#
# What is built, and how often. Every recipe compiles into one cache outside of the clone, and
# every cargo call names the same set of packages (all of them, or all but the heavy ones), because
# cargo resolves features for the set that is asked for: another set, such as `-p one`, would
# compile shared crates once more. There are three builds in all: release (the product, and the
# only one with the model inside), dev (the light crates and all tests), and clippy's two, which
# check the same crates without generating code.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Recipes are steps of one story and share one cargo cache; their order is the point.
.NOTPARALLEL:

# Exported, so that cargo, the tests and a make within make agree on it.
export CARGO_TARGET_DIR := $(or $(CARGO_TARGET_DIR),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/consultant/target)
# Absolute, because tests run in the folder of their package.
ifeq ($(filter /%,$(CARGO_TARGET_DIR)),)
override CARGO_TARGET_DIR := $(CURDIR)/$(CARGO_TARGET_DIR)
endif

# The release binary, which the tests of the real model, of crashes and of the commands drive.
CONSULTANT := $(CARGO_TARGET_DIR)/release/consultant

# Where `make bench` keeps the bots that it measures beside the product.
RIVALS := $(CARGO_TARGET_DIR)/rivals

# Handed to mistral.rs at build time, for example: make build FEATURES=cuda
FEATURES ?=
RELEASE_BUILD := cargo build --release --locked $(if $(FEATURES),--features $(FEATURES))

# The crates with mistral.rs in them: never built in the dev profile.
HEAVY := consultant consultant-llm
LIGHT := --workspace $(addprefix --exclude ,$(HEAVY))

# Where `make demo` keeps its state; nothing else is ever removed by clean-data.
override DEMO_DATA := $(CURDIR)/data

# How many seeded schedules of faults `make chaos` plays, and how many at once. SCHEDULE=n plays
# that one alone and keeps its trace; ONLY=telegram or discord and WITHOUT=ends,calls,updates,
# gateway,store,desk narrow a failure down. ONLY=desk has people at a desk in each, not in every fourth.
SCHEDULES ?= 50
SEED ?= 7
AT_ONCE ?= 4
override CHAOS := $(if $(SCHEDULE),--schedule '$(SCHEDULE)',--schedules '$(SCHEDULES)') \
	--seed '$(SEED)' --at-once '$(AT_ONCE)' \
	$(if $(ONLY),--only '$(ONLY)') $(if $(WITHOUT),--without '$(WITHOUT)') $(if $(JSON),--json)

# How many conversations of a customer, two agents and the bot `make interleave` plays, from seed SEED on.
COUNT ?= 10000

# How long `make fuzz` looks for what breaks; ONLY=playbook or facts gives one of them all of it.
MINUTES ?= 60

.PHONY: help deps deps-test deps-fuzz build model demo test fmt lint chaos interleave fuzz bench eval clean-data

help: ## Show this list.
	@echo 'Consultant: a sales consultant for chat platforms, on your own machine.'
	@echo
	@echo '  make demo         chat with the demo company (the first time builds for long)'
	@echo '  make test         everything: real model, real Redis, doubles of the platforms'
	@echo
	@echo 'And in parts:'
	@echo '  make deps         install what is missing on Debian, or print the line to run'
	@echo '  make build        the release binary; FEATURES=cuda,flash-attn for a GPU'
	@echo '  make model        fetch and prepare the default model; fast if it is there'
	@echo '  make lint         formatting, clippy and licences, without tests'
	@echo '  make fmt          format the code'
	@echo '  make chaos        processes killed, calls broken: is every message answered exactly once?'
	@echo '                    SCHEDULES=50 SEED=7; SCHEDULE=3 SEED=7 plays one again, with its trace;'
	@echo '                    ONLY=desk has people take conversations over in each'
	@echo '  make interleave   customer, agents and bot in any order: does anybody speak out of turn?'
	@echo '                    COUNT=10000 SEED=7; in this process, without sockets'
	@echo '  make fuzz         scripts and facts of any bytes: does anything break, hang or grow?'
	@echo '                    MINUTES=60; ONLY=playbook or facts'
	@echo '  make bench        the figures of the README, measured on this machine'
	@echo '                    ONLY=overhead, playbook, binary, desk, load, load-product, load-growth,'
	@echo '                    load-rivals; JSON=1 with a load part'
	@echo '  make eval         figures about understanding; DATA=folder with public data sets,'
	@echo '                    TUNE=1 with the encoder fine-tuned'
	@echo '  make clean-data   forget the conversations of the demo; models stay'
	@echo
	@echo 'The binary:  $(CONSULTANT)'
	@echo 'The cache:   $(CARGO_TARGET_DIR)'

deps:
	@.ci/deps.sh

deps-test:
	@.ci/deps.sh --test

deps-fuzz:
	@.ci/deps.sh --fuzz

build: deps
	$(RELEASE_BUILD)

model: build
	'$(CONSULTANT)' model fetch

# The demo's state lies in the clone, so that it is easy to look at and to throw away.
demo: model
	CONSULTANT__DATA_DIR='$(DEMO_DATA)' '$(CONSULTANT)' chat

fmt: deps-test
	cargo fmt --all

# Clippy twice: the light crates with their tests in the dev profile, and the heavy ones in the
# release profile, over the default members, so that their features are the product's. The second
# run checks the same dependency set as the release build, but cannot reuse it: rustc keeps
# metadata for checking apart from compiled code, except for build scripts and procedural macros.
# So the first run costs a check of the whole tree, and later runs only this project's crates.
lint: deps-test
	cargo fmt --all --check
	cargo clippy --locked $(LIGHT) --all-targets -- -D warnings
	cargo clippy --locked --release -- -D warnings
	cargo deny --locked check bans licenses sources

# The last words are nextest's own summary, so the doc tests come before it.
test: lint model
	@command -v redis-server >/dev/null || { echo 'redis-server is missing, and the tests need a real one' >&2; exit 1; }
	cargo test --locked --doc $(LIGHT) --quiet
	CONSULTANT_BIN='$(CONSULTANT)' cargo nextest run --profile whole --locked $(LIGHT)

# All targets, so that the dependencies have the features that the tests gave them.
chaos: deps-test
	cargo build --locked $(LIGHT) --all-targets
	'$(CARGO_TARGET_DIR)/debug/chaos' $(CHAOS)

# On all cores, in the test binary of `make test`. cargo-nextest would end it after half a minute.
interleave: deps-test
	INTERLEAVINGS='$(COUNT)' INTERLEAVINGS_FROM='$(SEED)' \
		cargo test --locked $(LIGHT) --test it -- --nocapture interleaved::

# A cache of its own: what is compiled with a sanitizer serves nothing else.
fuzz: deps-fuzz
	tests/fuzz/run.sh '$(CARGO_TARGET_DIR)/fuzz' '$(MINUTES)' $(ONLY)

# Figures about understanding. DATA is a folder with the public data sets, which the README names; the
# demo's own examples are measured without it. RAYON_NUM_THREADS=1 lets one thread encode a text.
eval: model
	tests/eval.sh '$(CONSULTANT)' '$(DATA)' '$(TUNE)'

# The release build made the bench program too. The rivals are programs of other languages, which
# only this target needs: Node.js with npm, and Python with venv.
bench: $(if $(filter load% playbook desk,$(ONLY)),build,model)
	$(if $(filter-out load load-rivals,$(ONLY)),,tests/bench/rivals/install.sh '$(RIVALS)')
	'$(CARGO_TARGET_DIR)/release/bench' '$(CONSULTANT)' --rivals '$(RIVALS)' \
		$(if $(ONLY),--only '$(ONLY)') $(if $(ROW),--row '$(ROW)') $(if $(JSON),--json)

clean-data:
	rm -rf -- '$(DEMO_DATA)'
