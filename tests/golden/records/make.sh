#!/usr/bin/env bash
# Writes the records that the golden reports are made of anew: make.sh SAGA-HARNESS. Only where their format changes.
set -euo pipefail
command=$(realpath -- "$1")
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

# search NAME ARGUMENT...: leaves NAME.runs.jsonl.
search() {
  local name=$1
  shift
  "$command" explore "$@" --out "$scratch" >/dev/null || [[ "$?" == [13] ]]
  cp -- "$scratch/runs.jsonl" "$name.runs.jsonl"
}

kinds=rejected,reply_lost,coordinator_crash,clock_back
search clean parcel.json -k 1 --kinds "$kinds"
search violated parcel.json -k 1 --kinds "$kinds" --coordinator ambiguous_not_compensated
search vacuous vacuous.json -k 1 --kinds "$kinds"
search excluded excluded.json -k 1 --kinds "$kinds"
search hostile hostile.json -k 1 --kinds "$kinds" --coordinator ambiguous_not_compensated
search half parcel.json -k 1 --kinds "$kinds" --shard 1/2
cd ../../..
cp -- scenarios/order_choreography_parallel.json "$scratch/"  # a name that is the same wherever this is
(cd -- "$scratch" && search choreography order_choreography_parallel.json -k 1 --kinds rejected,request_lost \
  --coordinator failure_without_subscriber)
mv -- "$scratch/choreography.runs.jsonl" tests/golden/records/
cd tests/golden/records
size=$(stat -c %s clean.runs.jsonl)
head -c $((size - 1500)) clean.runs.jsonl >truncated.runs.jsonl
