#!/usr/bin/env bash
# HTML reports and the admin API in a real browser, Mermaid through its own parser, JSON against its schema with ajv:
#   run.sh SAGA-HARNESS SCRATCH
# Needs node, npm and chromium (harness/scripts/prerequisites.sh, browser_packages); the packages are fetched once into
# SCRATCH.
set -euo pipefail
command=$(realpath -- "$1")
mkdir -p -- "$2"
scratch=$(realpath -- "$2")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../harness/scripts/prerequisites.sh
. "$here/../../harness/scripts/prerequisites.sh"

install_locked "$here" "$scratch/packages"
export SAGA_HARNESS=$command SCRATCH=$scratch PACKAGES=$scratch/packages/
export CHROMIUM=${CHROMIUM:-$(command -v chromium)}
node --test "$here"/*.test.js
