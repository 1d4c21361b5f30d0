# SPDX-License-Identifier: MIT
#
#   make run     install what building needs, build, and run the demo
#   make test    install what testing needs, build, and run every test
#
# and, for those who work on Igloo: make lint | ci | bench | bench-border | sanitize | format | clean

.PHONY: run test build lint ci bench bench-border sanitize format clean
.DEFAULT_GOAL := build

# `make test MODULE=IglooArrow` builds and tests one module only.
MODULE ?=

build:
	@Scripts/require build
	@Scripts/build

run: build
	@Scripts/demo

test:
	@Scripts/require build test
	@Scripts/test $(MODULE)

lint:
	@Scripts/require lint
	@Scripts/lint

ci: lint test run
	@Scripts/check-binaries
	@Scripts/check-kernels

bench: build
	@Scripts/bench

bench-border:
	@Scripts/require build
	@Scripts/bench-border

sanitize:
	@Scripts/require build test
	@Scripts/sanitize $(MODULE)

format:
	swift format -i -p -r Core SDK Plugins Hosts Tests Package.swift

clean:
	rm -rf .build build
