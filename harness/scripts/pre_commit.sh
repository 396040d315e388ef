#!/usr/bin/env bash
# Runs tests/style/check.sh on what is staged, as it is staged. To install it:
#   ln -s ../../harness/scripts/pre_commit.sh .git/hooks/pre-commit
set -euo pipefail
cd -- "$(git rev-parse --show-toplevel)"
mapfile -d '' -t staged < <(git diff --cached --name-only --diff-filter=ACMR -z)
[ "${#staged[@]}" -gt 0 ] || exit 0

snapshot=$(mktemp -d)
trap 'rm -rf -- "$snapshot"' EXIT
git checkout-index --all --prefix="$snapshot/"
bash "$snapshot/tests/style/check.sh" "$snapshot" "${staged[@]}"
