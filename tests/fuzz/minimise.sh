#!/usr/bin/env bash
# Makes the corpora in tests/fuzz/corpus anew: of the old inputs and those in the given folders (each with a folder per
# target) the few that together reach most, at most 45 a target.
#   bash tests/fuzz/minimise.sh [FOLDER...]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
programs=$here/../../build/fuzz/tests
most=45

for source in "$here"/*_fuzz.cpp; do
  target=$(basename "$source" _fuzz.cpp)
  fresh=$(mktemp -d)
  folders=()
  for folder in "$here/corpus" "$@"; do
    [ ! -d "$folder/$target" ] || folders+=("$folder/$target")
  done
  # Edges only: counters and compared values would keep hundreds of inputs that ordinary tests gain nothing from.
  "$programs/fuzz_$target" -set_cover_merge=1 -use_counters=0 -use_value_profile=0 -max_len=4096 "$fresh" \
    "${folders[@]}" >/dev/null 2>&1
  # A set cover is written in the order in which inputs were chosen: what comes last adds least.
  find "$fresh" -type f -printf '%T@ %p\n' | sort -n | tail -n +$((most + 1)) | cut -d' ' -f2 | xargs -r rm
  rm -rf "${here:?}/corpus/$target"
  mv "$fresh" "$here/corpus/$target"
  chmod 755 "$here/corpus/$target"
  echo "$target: $(find "$here/corpus/$target" -type f | wc -l) files, $(du -sb "$here/corpus/$target" | cut -f1) bytes"
done
