#!/bin/sh
# Gets what the tests need beyond Go: PostgreSQL, Chromium, a C compiler for
# the race detector, Node with two pinned npm packages. What is there already
# is left alone. As root on a system with apt it installs what is missing;
# anywhere else it says what to install and stops.
set -eu
cd "$(dirname "$0")"

have() { command -v "$1" >/dev/null 2>&1; }

have_postgres() {
	[ -n "${TOCSIN_TEST_POSTGRES:-}" ] || [ "${TOCSIN_TEST_NO_POSTGRES:-}" = 1 ] || have postgres ||
		ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1
}

have_chromium() {
	[ -n "${TOCSIN_TEST_CHROMIUM:-}" ] || [ "${TOCSIN_TEST_NO_CHROMIUM:-}" = 1 ] ||
		have chromium || have chromium-browser || have google-chrome || have google-chrome-stable ||
		[ -d /Applications/Chromium.app ] || [ -d "/Applications/Google Chrome.app" ]
}

have_compiler() { have "$(go env CC)"; }

have_node() { have node && have npm; }

missing=""
have_postgres || missing="$missing postgresql"
have_chromium || missing="$missing chromium fonts-dejavu-core"
have_compiler || missing="$missing gcc libc6-dev"
have_node || missing="$missing nodejs npm"

if [ -n "$missing" ]; then
	if [ "$(id -u)" = 0 ] && have apt-get; then
		echo "Installing for the tests:$missing"
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq </dev/null
		# shellcheck disable=SC2086 # a list of packages
		apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
	else
		cat <<-TEXT
			The tests need what this machine lacks. On Debian or Ubuntu, as root:
			    apt-get update && apt-get install --no-install-recommends$missing
			Elsewhere install PostgreSQL, Chromium, Node with npm and a C compiler.
			To leave tests out instead, set TOCSIN_TEST_NO_POSTGRES=1 or
			TOCSIN_TEST_NO_CHROMIUM=1; they are then counted as skipped.
		TEXT
		exit 1
	fi
fi

# npm writes node_modules/.package-lock.json last, so a run that was cut short
# is done again.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --no-progress --loglevel=error </dev/null
fi
