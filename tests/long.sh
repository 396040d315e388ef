# What takes hours, the last part of `tests/run.sh --long`, which sources this. Each step that passes is written into
# tests/long_runs.md with date and commit; a step by itself: LONG_STEPS="fuzz targets" bash tests/run.sh --long
# shellcheck shell=bash disable=SC2154  # step, workflow and their variables are the sourcing script's

# long_step NAME TITLE COMMAND...
long_step() {
  local name=$1 title=$2 row
  shift 2
  case " ${LONG_STEPS:-$name} " in *" $name "*) ;; *) return 0 ;; esac
  step "$title" "long_$name" "$@"
  row="| $name | $(date -u +%F) | $(git rev-parse --short HEAD)$(git diff --quiet HEAD -- . ':!tests/long_runs.md' || echo ' and changes') |"
  sed -i "s/^| $name |.*/$row/" tests/long_runs.md
  grep -qxF "$row" tests/long_runs.md || { echo "error: tests/long_runs.md has no row $name" >&2; return 1; }
}

# fuzz_all: each target for LONG_FUZZ_SECONDS (an hour unless said) of its own.
fuzz_all() {
  cmake --workflow --preset fuzz
  rm -rf build/fuzz_runs/findings
  bash tests/fuzz/run.sh --rounds 1 --seconds "${LONG_FUZZ_SECONDS:-3600}"
  if [ -n "$(find build/fuzz_runs/findings -type f)" ]; then
    find build/fuzz_runs/findings -type f
    return 1
  fi
}

# three_faults: every scenario whose reference is exhausted at k <= 2 in the default tier, at k <= 3.
three_faults() {
  local scenario
  for scenario in scenarios/*.json; do
    case $scenario in *_short_stock.json | *_second_order.json | *two_*) continue ;; esac
    build/release/saga-harness list "$scenario" >/dev/null
    echo "$scenario"
    build/release/saga-harness explore "$scenario" --max-faults 3 --workers "$(nproc)" | tail -n 3
  done
}

# generated_coordinators: five hundred coordinators and two hundred choreographies, of the default tier at k <= 2, at k <= 3.
generated_coordinators() {
  export SAGA_HARNESS_GENERATED_FAULTS=3
  cmake --preset release -B build/optimised_tests -DSAGA_HARNESS_OPTIMISED_TESTS=ON >/dev/null
  cmake --build build/optimised_tests --target property_tests >/dev/null
  seq 0 9 | xargs -P "$(nproc)" -I PART build/optimised_tests/tests/property_tests --gtest_filter='Part/Generated*/PART' --gtest_brief=1
}

long_step alone 'each source compiles by itself, with clang; the same bytes under two faults' cmake --workflow --preset alone
long_step portability 'other compilers, libc++, a newer fmt' bash tests/portability/run.sh
long_step three_faults 'scenarios under three faults' three_faults
long_step generated 'generated coordinators and choreographies under three faults' generated_coordinators
long_step targets 'saga engines and orchestrators in six languages' bash tests/http/targets/run.sh
long_step targets_deep 'correct targets under every pair of faults but crashes' bash tests/http/targets/run.sh --deep
long_step durable_classes 'the durable target under every pair of faults, crashes included, by classes' \
  build/release/saga-harness explore scenarios/order_processing.json --target tests/http/targets/python_durable.json \
  --max-faults 2 --classes
long_step signals 'five hundred signals to searches of targets' \
  env SAGA_HARNESS_SIGNALS=500 build/release/tests/cli_tests --gtest_filter='TargetSignals*'
long_step fuzz 'fuzzing, an hour a parser' fuzz_all
long_step soak 'many sagas for long' build/release/tests/bench_soak
long_step serve_soak 'the fakes under 3,000 connections for ten minutes' \
  python3 tests/http/soak/soak.py build/release/saga-harness scenarios/order_processing.json
long_step machine 'the demo on a bare Debian 12' bash tests/fresh_machine.sh
