#!/usr/bin/env bash
# Fuzzes one target after the other, round and round, one process at a time:
#   bash tests/fuzz/run.sh [--seconds N] [--rounds N] [--timeout N] [--stop FILE] [--programs DIR] [--out DIR] [TARGET...]
# Each turn lasts --seconds (300); an input that takes longer than --timeout (20) is a finding. Without --rounds it goes on
# until FILE exists. Whatever is found is kept in DIR/findings (build/fuzz_runs), what was learnt in DIR/corpus/TARGET, and
# DIR/turns.txt has a line per turn, with the seconds of a processor that the target got.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

seconds=300 rounds=0 timeout=20 stop= programs=$here/../../build/fuzz/tests out=$here/../../build/fuzz_runs
targets=()
while [ "$#" -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --timeout) timeout=$2; shift 2 ;;
    --stop) stop=$2; shift 2 ;;
    --programs) programs=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    -*) echo "error: there is no option $1; see the head of $0" >&2; exit 64 ;;
    *) targets+=("$1"); shift ;;
  esac
done
if [ "${#targets[@]}" -eq 0 ]; then
  mapfile -t targets < <(find "$here" -name '*_fuzz.cpp' -printf '%f\n' | sed 's/_fuzz\.cpp$//' | sort)
fi
mkdir -p "$out/findings" "$out/logs"

# Sets cpu_seconds: processor time that ended children have used so far. (`times` in a subshell would speak of its own.)
read_cpu_seconds() {
  times >"$out/times"
  cpu_seconds=$(sed -n '2s/[ms]/ /gp' "$out/times" | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }')
}

# turn TARGET: fuzzes it for a while; libFuzzer starts again after a finding until the time is over.
turn() {
  local target=$1 begin=$SECONDS left status runs=0 findings cpu
  read_cpu_seconds
  cpu=$cpu_seconds
  mkdir -p "$out/corpus/$target"
  local dictionary=$here/dictionaries/$target.dict options=(-timeout="$timeout" -rss_limit_mb=1500 -reduce_inputs=1)
  [ ! -f "$dictionary" ] || options+=("-dict=$dictionary")
  while left=$((seconds - (SECONDS - begin))) && [ "$left" -gt 0 ]; do
    status=0
    "$programs/fuzz_$target" "${options[@]}" -max_total_time="$left" -print_final_stats=1 \
      -artifact_prefix="$out/findings/$target-" "$out/corpus/$target" "$here/corpus/$target" \
      >"$out/logs/$target.log" 2>&1 || status=$?
    runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/logs/$target.log" | tail -n 1 || true) + 0))
    [ "$status" -eq 0 ] || cp "$out/logs/$target.log" "$out/findings/$target-$(date +%s).log"
    [ -z "$stop" ] || [ ! -e "$stop" ] || break
  done
  findings=$(find "$out/findings" -name "$target-*" ! -name '*.log' | wc -l)
  read_cpu_seconds
  cpu=$((cpu_seconds - cpu))
  echo "$target seconds=$((SECONDS - begin)) cpu=$cpu runs=$runs findings=$findings" >>"$out/turns.txt"
}

for ((round = 1; rounds == 0 || round <= rounds; round++)); do
  for target in "${targets[@]}"; do
    [ -z "$stop" ] || [ ! -e "$stop" ] || exit 0
    turn "$target"
  done
done
