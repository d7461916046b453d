# make up      the dev environment, live, on an embedded Kubernetes
# make test    every check that needs no cluster
# make help    all commands

SHELL := /bin/bash
.DEFAULT_GOAL := help

STACK ?= dev
NAME ?=
NODES ?=
PORT_OFFSET ?=
CONTEXT ?=
DELETE ?=
COLD ?=
ONLY ?=

# What each target takes on make's command line.
TAKES_up = STACK NAME NODES PORT_OFFSET CONTEXT
TAKES_preview = STACK
TAKES_render = STACK
TAKES_down = STACK NAME DELETE
TAKES_status = STACK NAME
TAKES_shell = STACK NAME
TAKES_logs = STACK NAME
TAKES_bench = COLD ONLY
TAKES_e2e = SELECT
TAKES_e2e-dev = SELECT
TAKES_e2e-prod = SELECT

# Any other variable is an error, and so is a variable without a value. Both are reported before anything happens.
GOALS = $(or $(MAKECMDGOALS),help)
TAKEN = $(foreach goal,$(GOALS),$(TAKES_$(goal)))
GIVEN = $(foreach word,$(MAKEOVERRIDES),$(if $(findstring =,$(word)),$(firstword $(subst =, ,$(subst :=,=,$(word))))))
$(foreach name,$(GIVEN),\
  $(if $(filter $(name),$(TAKEN)),,$(error make $(GOALS) does not know $(name); it takes $(or $(TAKEN),no variable)))\
  $(if $($(name))$(filter SELECT,$(name)),,$(error $(name)= has no value; give one, or leave it out)))

OPTIONS = --stack="$(STACK)" --name="$(NAME)" --nodes="$(NODES)" --port-offset="$(PORT_OFFSET)" --context="$(CONTEXT)" --delete="$(DELETE)"
SANDBOX = node --require sucrase/register sandbox/main.ts
# Which end-to-end tests run: by default, those without @drill in their titles.
SELECT = --grep @drill --invert

.PHONY: help up preview render down status shell logs test e2e drills e2e-dev e2e-prod bench

help: ## This list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10
	@echo
	@echo "Variables: STACK=dev|test|prod  NAME=<cluster, default: the stack's name>"
	@echo "  of up:    NODES=1..3  PORT_OFFSET=<added to every port>  CONTEXT=<kubeconfig context to deploy to instead>"
	@echo "  of down:  DELETE=<name of a cluster whose volumes may be deleted>"

up: node_modules/.package-lock.json ## Bring up an embedded cluster and deploy STACK on it, or deploy to CONTEXT
	@$(SANDBOX) up $(OPTIONS)

preview: node_modules/.package-lock.json ## Preview STACK as if it were new, under the policy pack: without a cluster, its state and its secrets
	@$(SANDBOX) preview $(OPTIONS)

render: node_modules/.package-lock.json ## Write STACK as plain manifests for GitOps into rendered/, under the policy pack
	@$(SANDBOX) render $(OPTIONS)

down: node_modules/.package-lock.json ## Stop the cluster; its volumes stay unless DELETE names it
	@$(SANDBOX) down $(OPTIONS)

status: node_modules/.package-lock.json ## What runs, and what has died
	@$(SANDBOX) status $(OPTIONS)

shell: node_modules/.package-lock.json ## A shell with plain pulumi and kubectl on the cluster
	@$(SANDBOX) shell $(OPTIONS)

logs: node_modules/.package-lock.json ## The last lines of every pod
	@$(SANDBOX) logs $(OPTIONS)

test: node_modules/.package-lock.json ## Lint, types, shellcheck, unit and policy tests, tests of alerts
	@command -v shellcheck >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq shellcheck >/dev/null; } || \
	  { echo "error: shellcheck is missing; install the package shellcheck" >&2; exit 1; }
	@command -v promtool >/dev/null || [ -x node_modules/.cache/promtool ] || test/support/fetch-promtool.sh || \
	  { echo "error: promtool is missing; install the package prometheus" >&2; exit 1; }
	@npm test --silent

e2e: node_modules/.package-lock.json ## End-to-end tests of dev and of prod, side by side, on embedded clusters of their own (root)
	@$(SANDBOX) build # here, because the tests' own timeouts are for a warm start
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target e2e-dev e2e-prod

drills: ## The same with the drills, which take longer: for every night and every release (root)
	@$(MAKE) --no-print-directory e2e SELECT=

# These run make themselves. It would get this one's variables by MAKEFLAGS, and refuse them.
e2e-dev e2e-prod: node_modules/.package-lock.json
	@MAKEFLAGS= node_modules/.bin/mocha --config .mocharc.$@.yaml $(SELECT)

bench: node_modules/.package-lock.json ## Measure, and write bench/README.md; COLD=1 measures the cold start too, ONLY=nacos only Nacos in a running prod
	@MAKEFLAGS= COLD="$(COLD)" ONLY="$(ONLY)" node --require sucrase/register bench/main.ts

node_modules/.package-lock.json: package.json package-lock.json policy-pack/package.json sandbox/package.json
	@command -v npm >/dev/null || { echo "error: npm is missing; install Node.js 20.19 or newer" >&2; exit 1; }
	npm ci --no-progress
	@touch $@
