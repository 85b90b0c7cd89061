# make run    build, and serve a demo alliance on http://127.0.0.1:8420
# make test   every test; installs what they need
# make bench  the measures, as ratios within one run
# make check  format, vet, staticcheck, govulncheck
# make fuzz   each fuzz target for FUZZTIME
# make tidy   go mod tidy in both modules

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME ?= 5s

# A checkout that git does not trust must build as well.
VCS := $(shell git rev-parse --is-inside-work-tree >/dev/null 2>&1 && git status --porcelain >/dev/null 2>&1 && echo auto || echo false)

.PHONY: run build test bench check fuzz tidy clean

run: build
	bin/tocsin serve --demo

build:
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(VCS) -ldflags='-s -w' -o bin/tocsin ./cmd/tocsin

test:
	@test/prepare.sh
	@cd test && go run ./suite

bench:
	@test/prepare.sh
	@cd test && go run ./suite -bench

fuzz:
	@cd test && go run ./suite -fuzz $(FUZZTIME)

check:
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "gofmt these:"; echo "$$files"; exit 1; fi
	go vet ./...
	cd test && go vet ./...
	go run $(STATICCHECK) ./...
	cd test && go run $(STATICCHECK) ./...
	@test/vulnerabilities.sh $(GOVULNCHECK)

tidy:
	go mod tidy
	cd test && go mod tidy

clean:
	rm -rf bin test/node_modules test/work
