# `make` alone lists the targets. Everything is installed in this folder, in .venv and .darkroom.
# .darkroom/checkout has this folder's path. In a copied or moved checkout the path differs: then the
# next target that needs an environment installs it again.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 4566
OUT ?= demo-output
SECONDS ?= 3600
DIST ?= dist
IMAGE ?= darkroom
LOCALSTACK ?= 2026.3.0

# A working python3.13 on PATH (a pyenv shim may not work), then pyenv's, then uv's download.
PYTHON := $(shell for python in "$$(command -v python3.13)" \
	"$${PYENV_ROOT:-$${HOME:-}/.pyenv}"/versions/3.13.*/bin/python3.13; do \
	"$$python" -c 'import sys; print(sys.executable)' 2>/dev/null && exit; done; echo 3.13)
# A working uv on PATH, else one in this folder. Prerequisites are without spaces: not its path.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .darkroom/tools/bin/uv)
UV_HERE := $(filter-out uv,$(UV))

darkroom := .venv/bin/darkroom
SYNC := $(UV) sync --quiet --frozen --python '$(PYTHON)'
# Commands with $(local) call the emulator, whatever account the shell is signed in to.
local := exports="$${DARKROOM_HOME:-.darkroom}/emulator.env"; \
	[ -f "$$exports" ] || $(darkroom) attach; source "$$exports";

HERE := .darkroom/checkout
ifneq ($(shell cat $(HERE) 2>/dev/null),$(CURDIR))
.PHONY: $(HERE)
endif
PROJECTS := . emulator tests/assurance tests/portability docs-site
LOCKS := uv.lock pyproject.toml
TOOLS = UV="$(if $(UV_HERE),$$(pwd -P)/)$(UV)" PYTHON='$(PYTHON)'
EMULATOR_LOCKS := emulator/pyproject.toml emulator/uv.lock
EMULATOR_ENV := .darkroom/env/emulator
EMULATOR := $(EMULATOR_ENV)/bin/localstack-native
SHARE := $(EMULATOR_ENV)/share/localstack-native
LAMBDA := .darkroom/env/lambda/.installed
DEBUGGED := .darkroom/env/lambda-debug/.installed
LAYER := .darkroom/build/.layer
# TIMES=1 prints where a session's time goes.
PYTEST := .venv/bin/pytest $(if $(TIMES),-p tests.times)
# More processes than cores: most of these tests wait. In the order of tests/distribution.py: xdist
# would run files of few, long tests last.
WAITING := --numprocesses 4 --dist loadfile --no-loadscope-reorder -p tests.distribution
DEPLOYED := $(WAITING) -p tests.shared_localstack
# In another cloud, by day: what the pipeline needs of AWS, not what commands print.
CONTRACT = $(if $(filter nightly,$(TEST_PROFILE)),,-m contract)
BENCH := .darkroom/env/bench/.installed
KILLS := .darkroom/kills.md
SHARP := .darkroom/bench/node/.installed
IMAGES := .darkroom/images/.installed
FUZZ := .darkroom/env/fuzz/.installed
ASSURANCE := .darkroom/env/assurance/.installed
TEMPLATES := $(wildcard localstack_init/*.yaml)
CHECKED := .darkroom/env/assurance/.checked
MINISTACK := .darkroom/env/portability/.installed
DOCS_SITE := .darkroom/env/docs-site/.installed
MERMAID := docs-site/theme/assets/vendor/mermaid.tiny.js

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Run it --------------------------------------------------------------------------------------

.PHONY: up
up: $(darkroom) ## Start the emulator and deploy the pipeline (PORT=4566, MODE=docker|native, PERSIST=1)
	@if [ "$$($(darkroom) mode)" = native ]; then $(MAKE) --silent install; fi
	@$(darkroom) up --port $(PORT)

.PHONY: dev
dev: $(darkroom) ## Start the emulator and deploy each saved edit (DEBUG=1, MODE=docker|native)
	@if [ "$$($(darkroom) mode)" = native ]; then $(MAKE) --silent install $(if $(DEBUG),$(DEBUGGED)); fi
	@$(darkroom) dev $(call given,PORT,port) $(if $(DEBUG),--debug)

.PHONY: demo
demo: $(darkroom) ## Process the sample photos (OUT=demo-output)
	@$(local) $(darkroom) demo --out '$(OUT)'

.PHONY: status
status: $(darkroom) ## Print the stack's outputs, the queue depths, and the number of images by status
	@$(local) $(darkroom) status

.PHONY: logs
logs: $(darkroom) ## Follow the functions' logs
	@$(local) $(darkroom) logs --follow

.PHONY: down
down: $(darkroom) ## Stop the emulator; it saves a snapshot for the next up, unless started with PERSIST=0
	@$(darkroom) down

.PHONY: reset
reset: $(darkroom) ## Stop the emulator and delete its snapshot
	@$(darkroom) reset

# --- On AWS, or at AWS_ENDPOINT_URL (PROFILE, REGION, ENV, PARAMS="A=1 B=2", TARGET=arm64, YES=1) -

# Variables of make's command line, not of the environment: ENV means other things to shells.
given = $(if $(filter command,$(firstword $(origin $1))),--$2 '$($1)')
place = $(call given,PROFILE,profile) $(call given,REGION,region) $(call given,ENV,env)
options = $(place) $(call given,TARGET,target) $(foreach pair,$(PARAMS),--param '$(pair)')
yes = $(if $(and $(filter command,$(firstword $(origin YES))),$(filter 1,$(YES))),--yes)

.PHONY: deploy
deploy: $(darkroom) ## Create or update the stack on AWS, after a confirmation (MONITOR=10)
	@$(darkroom) deploy $(options) $(call given,MONITOR,monitor) $(yes)

.PHONY: diff
diff: $(darkroom) ## Print what deploy would change, without changing it
	@$(darkroom) diff $(options)

.PHONY: outputs
outputs: $(darkroom) ## Print the stack's outputs, such as its URL, buckets and queues
	@$(darkroom) outputs $(place)

.PHONY: destroy
destroy: $(darkroom) ## Delete the stack with all its data, after a confirmation
	@$(darkroom) destroy $(place) $(yes)

# --- Test it -------------------------------------------------------------------------------------

.PHONY: test
test: check test-unit test-emulator test-deployed ## Run every check and every test, with a sample of the generated cases

.PHONY: test-all
test-all: export TEST_PROFILE := nightly
test-all: test ## Run every check and every test, with all generated cases, as in the nightly CI

.PHONY: check
check: $(darkroom) $(ASSURANCE) ## Check code, types, imports, texts, templates, policies, workflows and lock files
	@$(MAKE) --jobs 2 --output-sync check-templates check-types check-rest

.PHONY: check-types
check-types:
	.venv/bin/mypy

.PHONY: check-templates
check-templates: $(CHECKED)

# They take longest, and only these files decide what they find.
$(CHECKED): $(TEMPLATES) $(wildcard tests/assurance/*.*) uv.lock $(ASSURANCE)
	.venv/bin/cfn-lint $(TEMPLATES)
	.venv/bin/python -m tests.assurance --checkov $(dir $(ASSURANCE))bin/checkov $(TEMPLATES)
	@touch $@

.PHONY: audit-templates
audit-templates: $(darkroom) $(ASSURANCE) ## Print what the checkers report about the templates, accepted findings as well
	@.venv/bin/cfn-lint $(TEMPLATES) && echo "cfn-lint: no findings"
	@.venv/bin/python -m tests.assurance --report --checkov $(dir $(ASSURANCE))bin/checkov $(TEMPLATES)

.PHONY: check-rest
check-rest:
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports --no-cache
	.venv/bin/python -m tests.checks
	.venv/bin/python -m tests.prose
	$(dir $(ASSURANCE))bin/lychee --quiet .
	$(dir $(ASSURANCE))bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows \
		.github/workflows/*.yml
	$(dir $(ASSURANCE))bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms \
		.github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
	$(dir $(ASSURANCE))bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-config \
		.github/ISSUE_TEMPLATE/config.yml
	$(dir $(ASSURANCE))bin/zizmor --offline --quiet --no-progress --persona pedantic .github
	$(darkroom) recipes --schema | diff docs/reference/recipe.schema.json - || { echo "Stale: make docs" >&2; exit 1; }
	$(dir $(ASSURANCE))bin/check-jsonschema --quiet --builtin-schema vendor.dependabot \
		.github/dependabot.yml
	for project in $(PROJECTS); do \
		$(UV) lock --check --offline --quiet --python '$(PYTHON)' --project $$project; done

.PHONY: audit
audit: | $(UV_HERE) ## Search the lock files for known vulnerabilities; needs a network
	@failed=0; for project in $(PROJECTS); do \
		echo "$$project/uv.lock"; $(UV) audit --preview-features audit-command --frozen \
			--project $$project || failed=1; \
	done; exit $$failed

.PHONY: format
format: $(darkroom) ## Format the code and fix what the linter can
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

.PHONY: docs
docs: $(darkroom) ## Generate the generated parts of docs/
	.venv/bin/python -m localstack_init.reference docs/reference
	$(darkroom) recipes --schema > docs/reference/recipe.schema.json
	.venv/bin/python -m darkroom.engine.reference docs/reference/recipes.md
	.venv/bin/python -m darkroom.cli_reference docs/reference/cli.md
	.venv/bin/python -m tests.checks.generated
	git ls-files -z docs/gallery | xargs -0 rm -f
	$(darkroom) contact-sheet samples/raccoon.jpg --out docs/gallery

.PHONY: docs-site
docs-site: $(DOCS_SITE) $(MERMAID) ## Build the documentation as a site, in .darkroom/site
	@rm -rf .darkroom/site
	@$(dir $(DOCS_SITE))bin/zensical build --clean --strict

.PHONY: docs-serve
docs-serve: $(DOCS_SITE) $(MERMAID) ## Serve the documentation on localhost:8000, rebuilt on each save
	@$(dir $(DOCS_SITE))bin/zensical serve

.PHONY: test-unit
test-unit: $(darkroom) ## Run the tests that need no emulator
	$(PYTEST) --numprocesses 2 --dist worksteal tests/unit

.PHONY: test-emulator
test-emulator: $(darkroom) ## Check and test the emulator, a project of its own
	@$(MAKE) -C emulator test $(TOOLS)

.PHONY: test-deployed
test-deployed: install $(DEBUGGED) ## Run test-integration, -permissions and -browser in one session, with one LocalStack
	$(PYTEST) $(DEPLOYED) tests/integration tests/permissions tests/browser

.PHONY: emulator-samples
emulator-samples: $(darkroom) ## Run public samples of LocalStack against the emulator; needs GitHub
	@$(MAKE) -C emulator samples $(TOOLS)

.PHONY: test-integration
test-integration: install $(DEBUGGED) ## Run the integration tests against LocalStack, or another endpoint (AWS_ENDPOINT_URL)
	$(PYTEST) $(DEPLOYED) $(if $(AWS_ENDPOINT_URL),$(CONTRACT)) tests/integration

.PHONY: test-permissions
test-permissions: install ## Remove permissions from a deployed stack: a flow must fail without each
	$(PYTEST) $(DEPLOYED) tests/permissions

.PHONY: test-browser
test-browser: install ## Test the demo page in Chromium, with screenshots in .darkroom/screenshots
	$(PYTEST) $(DEPLOYED) tests/browser

.PHONY: hostile-pages
hostile-pages: install ## Open hostile pages in Chromium; print the effects (AWS_ENDPOINT_URL, ARGS=--help)
	@.venv/bin/python -m tests.browser.hostile $(ARGS)

.PHONY: test-portability
test-portability: $(darkroom) $(LAYER) $(MINISTACK) ## Run the contract tests against ministack, another emulator
	$(PYTEST) $(WAITING) -p tests.portability.plugin $(CONTRACT) tests/integration

.PHONY: emulator-release
emulator-release: $(EMULATOR) ## Install another release of LocalStack, until `make clean` (LOCALSTACK=2026.3.0)
	@$(UV) pip install --quiet --python $(EMULATOR_ENV) 'localstack-core[runtime]==$(LOCALSTACK)'
	@rm -rf $(EMULATOR_ENV)/cache
	@$(EMULATOR) --prepare

.PHONY: screenshots
screenshots: $(darkroom) ## Take the documentation's screenshots of the demo page of the running emulator
	@$(local) .venv/bin/python -m tests.browser.screenshots docs/screenshots

.PHONY: recording
recording: $(darkroom) ## Record an upload on the running emulator's page, for the README
	@$(local) .venv/bin/python -m tests.browser.recording docs/screenshots/upload.webp

.PHONY: trace-image
trace-image: $(darkroom) ## Draw the documentation's timeline of a large image in the running emulator
	@$(local) .venv/bin/python benchmarks/trace_image.py docs/screenshots/trace.svg

.PHONY: fault-matrix
fault-matrix: install ## Kill functions at every step of their work, and write the results into docs/
	@rm -f $(KILLS)
	TEST_PROFILE=nightly DARKROOM_KILL_TABLE="$$(pwd -P)/$(KILLS)" \
		$(PYTEST) -p tests.shared_localstack tests/integration/faults/test_kills.py \
		tests/integration/faults/test_delete_original_kills.py
	.venv/bin/python -m tests.checks.fault_matrix $(KILLS)

.PHONY: fuzz
fuzz: $(FUZZ) ## Fuzz the image engine (SECONDS=3600)
	@$(dir $(FUZZ))bin/python -m tests.fuzz.run $(SECONDS)

.PHONY: fuzz-api
fuzz-api: $(darkroom) ## Fuzz the running emulator's API (SECONDS=3600)
	@$(local) $(darkroom) upload samples/*.jpg >/dev/null; \
	.venv/bin/python -m tests.integration.contract --max-time $(SECONDS) $(ARGS)

.PHONY: bench-latency
bench-latency: $(darkroom) ## Measure the time from upload to done in the running emulator
	@$(local) .venv/bin/python benchmarks/upload_to_done.py $(ARGS)

.PHONY: bench-variants
bench-variants: $(darkroom) ## Measure requests for variants of the running emulator (ARGS=--help)
	@$(local) .venv/bin/python benchmarks/variants.py $(ARGS)

.PHONY: bench-cold-start
bench-cold-start: $(darkroom) ## Measure the engine's import and the layer's size
	@.venv/bin/python benchmarks/cold_start.py $(ARGS)

.PHONY: bench-images
bench-images: $(BENCH) $(SHARP) ## Measure the image engine beside sharp and libvips (ARGS=--help)
	@$(dir $(BENCH))bin/python benchmarks/images $(ARGS)

.PHONY: bench-pipeline
bench-pipeline: install ## Measure the pipeline beside its engine and a plain loop (ARGS=--help)
	@.venv/bin/python benchmarks/pipeline/bench.py $(ARGS)

.PHONY: bench-analysis
bench-analysis: install ## Measure the pipeline with and without Rekognition (ARGS=--help)
	@.venv/bin/python benchmarks/pipeline/analysis.py $(ARGS)

.PHONY: bench-catalog
bench-catalog: install ## Measure the API with 10 to 10,000 entries, idle and under load (ARGS=--help)
	@.venv/bin/python benchmarks/catalog.py $(ARGS)

.PHONY: bench-similar
bench-similar: $(darkroom) ## Measure the search for similar images among 100,000 (ARGS=--help)
	@$(local) .venv/bin/python benchmarks/similar.py $(ARGS)

.PHONY: bench-smoke
bench-smoke: install $(BENCH) $(SHARP) ## Check that the benchmarks run; the figures are not meaningful
	@$(MAKE) bench-cold-start
	@$(MAKE) bench-images ARGS='--rounds 1 --only W1'
	@$(MAKE) bench-pipeline ARGS='--images 20'
	@$(MAKE) bench-analysis ARGS='--images 10 --rounds 1'
	@$(MAKE) bench-catalog ARGS='--sizes 10 100 --rounds 1 --uploads 0'
	@$(MAKE) drill ARGS='--images 40 --minutes 1 --kill-every 3 --receiver-down 5'

.PHONY: bench-cost
bench-cost: $(darkroom) ## Compute the cost of a million images on AWS, from measurements (ARGS=--help)
	@.venv/bin/python benchmarks/cost/cost.py $(ARGS)

.PHONY: bench-page
bench-page: $(darkroom) ## Measure the demo page of the running emulator in Chromium (ARGS=--help)
	@$(local) .venv/bin/python benchmarks/page.py $(ARGS)

.PHONY: bench-modes
bench-modes: install ## Measure the emulator as a plain process and as a container (ARGS=--help)
	@.venv/bin/python benchmarks/modes.py $(ARGS)

.PHONY: bench-enforcement
bench-enforcement: install ## Measure uploads with IAM's policies enforced and without (ARGS=--help)
	@.venv/bin/python benchmarks/enforcement.py $(ARGS)

.PHONY: bench-start
bench-start: install ## Measure the emulator's start beside another checkout's (ARGS='--before ../before')
	@.venv/bin/python benchmarks/start.py $(ARGS)

.PHONY: bench-signatures
bench-signatures: install ## Measure the emulator's checks of requests (ARGS=--help)
	@.venv/bin/python benchmarks/signatures.py $(ARGS)

.PHONY: bench-vision
bench-vision: install $(IMAGES) ## Measure the emulator's Rekognition (ARGS=--help, ARGS=--quality)
	@.venv/bin/python benchmarks/vision/rekognition.py $(ARGS)

.PHONY: bench-edit
bench-edit: install ## Measure the time from a save to the new code running (MODE=docker|native, ARGS=--help)
	@.venv/bin/python benchmarks/edit_to_run.py $(ARGS)

.PHONY: drill
drill: install ## Upload thousands of images while functions are killed, and count (ARGS=--help)
	@.venv/bin/python benchmarks/pipeline/drill.py $(ARGS)

# --- Install it ----------------------------------------------------------------------------------

.PHONY: install
install: $(darkroom) $(EMULATOR) $(LAMBDA) $(LAYER) ## Install everything; later targets need no network

# Scripts, activation and editable installs have absolute paths: in a copied checkout they run the
# original's code. Downloads without paths (uv, the detector, layers) stay.
$(HERE):
	@mkdir -p .darkroom
	@chmod 700 .darkroom
	@was=$$(cat $@ 2>/dev/null || true); \
	if [ -n "$$was" ] && [ "$$was/.darkroom" -ef .darkroom ]; then \
		echo "error: .darkroom is the work folder of the checkout in $$was as well. Remove" \
			"the link .darkroom, and run make again." >&2; exit 1; \
	elif [ -n "$$was" ] || { [ -f $(darkroom) ] && \
			! head -n 2 $(darkroom) | grep -qF "$$(pwd -P)/$(dir $(darkroom))"; }; then \
		echo "This checkout was installed in $${was:-another folder}: installing it here"; \
		if [ -d $(SHARE) ]; then rm -rf .darkroom/share; mv $(SHARE) .darkroom/share; fi; \
		rm -rf .venv .darkroom/env .darkroom/emulator.env .darkroom/credentials \
			emulator/.venv emulator/.functions*; \
	fi
	@pwd -P > $@

$(darkroom): $(LOCKS) $(HERE) | $(UV_HERE)
	@echo "Installing the command line and the tools (.venv)"
	@$(SYNC) --reinstall-package darkroom
	@touch $@

# EMULATOR_SYNC installs into the folder of the target that is made.
EMULATOR_SYNC = UV_PROJECT_ENVIRONMENT="$$(pwd -P)/$1" $(SYNC) --project emulator
$(EMULATOR): $(EMULATOR_LOCKS) $(HERE) | $(UV_HERE)
	@echo "Installing the emulator (.darkroom/env/emulator)"
	@$(call EMULATOR_SYNC,$(EMULATOR_ENV)) --no-dev --all-extras \
		--reinstall-package localstack-extension-native
	@rm -rf $(EMULATOR_ENV)/cache
	@if [ -d .darkroom/share ]; then mkdir -p $(dir $(SHARE)) && mv .darkroom/share $(SHARE); fi
	@$@ --prepare
	@touch $@

$(LAMBDA): $(EMULATOR_LOCKS) $(HERE) | $(UV_HERE)
	@echo "Installing Lambda's runtime (.darkroom/env/lambda)"
	@$(call EMULATOR_SYNC,$(@D)) --only-group lambda-runtime --compile-bytecode
	@touch $@

$(DEBUGGED): $(EMULATOR_LOCKS) $(HERE) | $(UV_HERE)
	@echo "Installing Lambda's runtime with a debugger (.darkroom/env/lambda-debug)"
	@$(call EMULATOR_SYNC,$(@D)) --only-group lambda-runtime-debug --compile-bytecode
	@touch $@

$(LAYER): $(LOCKS) localstack_init/build.py $(darkroom)
	@echo "Building the layer of dependencies (.darkroom/build)"
	@$(darkroom) build >/dev/null
	@touch $@

$(BENCH): $(LOCKS) $(HERE) | $(UV_HERE)
	@echo "Installing the packages of the image benchmark (.darkroom/env/bench)"
	@UV_PROJECT_ENVIRONMENT=$(@D) $(SYNC) --no-dev --group bench
	@touch $@

# Only for their images.
$(IMAGES): | $(UV_HERE)
	@echo "Installing packages with images (.darkroom/images)"
	@$(UV) pip install --quiet --python '$(PYTHON)' --no-deps --target $(@D) \
		scikit-image==0.26.0 scikit-learn==1.9.1
	@touch $@

$(FUZZ): $(LOCKS) $(HERE) | $(UV_HERE)
	@echo "Installing the fuzzer (.darkroom/env/fuzz)"
	@UV_PROJECT_ENVIRONMENT=$(@D) $(SYNC) --no-dev --group fuzz
	@touch $@

$(ASSURANCE): tests/assurance/pyproject.toml tests/assurance/uv.lock $(HERE) | $(UV_HERE)
	@echo "Installing the linters of templates, workflows and links (.darkroom/env/assurance)"
	@UV_PROJECT_ENVIRONMENT="$$(pwd -P)/$(@D)" $(SYNC) --project tests/assurance
	@touch $@

$(MINISTACK): tests/portability/pyproject.toml tests/portability/uv.lock $(HERE) | $(UV_HERE)
	@echo "Installing the other emulator (.darkroom/env/portability)"
	@UV_PROJECT_ENVIRONMENT="$$(pwd -P)/$(@D)" $(SYNC) --project tests/portability
	@touch $@

$(DOCS_SITE): docs-site/pyproject.toml docs-site/uv.lock $(HERE) | $(UV_HERE)
	@echo "Installing the generator of the documentation's site (.darkroom/env/docs-site)"
	@UV_PROJECT_ENVIRONMENT="$$(pwd -P)/$(@D)" $(SYNC) --project docs-site
	@touch $@

# Part of the site: its pages load nothing from other hosts.
$(MERMAID): docs-site/package.json docs-site/package-lock.json
	@echo "Installing mermaid (.darkroom/docs-site)"
	@mkdir -p .darkroom/docs-site $(@D)
	@cp $^ .darkroom/docs-site
	@npm ci --prefix .darkroom/docs-site --silent --no-audit --no-fund
	@cp .darkroom/docs-site/node_modules/@mermaid-js/tiny/dist/$(@F) $@

$(SHARP): benchmarks/images/package.json benchmarks/images/package-lock.json
	@echo "Installing sharp (.darkroom/bench/node)"
	@mkdir -p $(@D)
	@cp $^ $(@D)
	@npm ci --prefix $(@D) --silent --no-audit --no-fund
	@touch $@

.darkroom/tools/bin/uv: | $(HERE)
	@echo "Installing uv (.darkroom/tools)"
	@for python in '$(PYTHON)' python3 /usr/bin/python3; do \
		"$$python" -c 'import ensurepip' 2>/dev/null && "$$python" -m venv .darkroom/tools && exit; \
	done; echo "Found no python3 with venv. Install one (Debian: python3-venv)." >&2; exit 1
	@.darkroom/tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'

# --- Release it ----------------------------------------------------------------------------------

# Of a project: its wheel in a folder, and the wheel's bill of materials beside the folder.
define distribution
@rm -rf '$(DIST)/$2'
@$(UV) build --quiet --wheel --python '$(PYTHON)' --out-dir '$(DIST)/$2' $1
@$(UV) export --quiet --frozen --all-extras --no-dev --format cyclonedx1.5 \
	--preview-features sbom-export --project $1 | .venv/bin/python -m release.sbom '$(DIST)/$2'
endef

.PHONY: dist
dist: $(darkroom) | $(UV_HERE) ## Build the wheels of darkroom and the emulator, with their SBOMs (DIST=dist)
	$(call distribution,.,darkroom)
	$(call distribution,emulator,emulator)

.PHONY: image
image: ## Build the container image of the emulator with the pipeline in it (IMAGE=darkroom)
	@docker build --tag '$(IMAGE)-emulator' --file emulator/Dockerfile --build-arg FOLDER=emulator \
		--build-arg PROJECT_STEP=localstack_init/image.sh .
	@docker build --tag '$(IMAGE)' --file localstack_init/Dockerfile \
		--build-arg EMULATOR='$(IMAGE)-emulator' .

# The next three are the release workflow's. A tag's name is read from the environment: make would
# expand it, and it may contain whatever Git allows.
.PHONY: release-notes
release-notes: $(darkroom)
	@.venv/bin/python -m release.notes "$$TAG" '$(DIST)' > '$(DIST)/notes.md'

.PHONY: github-release
github-release:
	@gh release create "$$TAG" --verify-tag --title "$$TAG" --notes-file '$(DIST)/notes.md' \
		"$(DIST)/$$PROJECT"/*.whl "$(DIST)/$$PROJECT.cdx.json"

.PHONY: push-image
push-image:
	@name="ghcr.io/$${GITHUB_REPOSITORY,,}"; \
	docker login ghcr.io --username "$$GITHUB_ACTOR" --password-stdin <<< "$$GH_TOKEN"; \
	docker tag '$(IMAGE)' "$$name:$${TAG#v}"; \
	docker push "$$name:$${TAG#v}"; \
	digest=$$(docker inspect --format '{{index .RepoDigests 0}}' "$$name:$${TAG#v}"); \
	printf 'name=%s\ndigest=%s\n' "$$name" "$${digest#*@}" >> "$$GITHUB_OUTPUT"

.PHONY: clean
clean: ## Delete everything installed, built and stored: emulator, images, container
	@if [ -x $(darkroom) ]; then $(darkroom) reset --image \
		|| echo "Could not stop the emulator, if one is running." >&2; fi
	rm -rf .venv .darkroom .cache $(dir $(MERMAID)) dist .mypy_cache .ruff_cache .pytest_cache
