# What builds have cost, from the logs of measured.sh. Sourced by tests/run.sh, tests/bench/build.sh and scenarios/demo.sh.
# shellcheck shell=bash

# processor_seconds LOG...: the sum, in whole seconds; 0 of what is not there.
processor_seconds() {
  cat "$@" /dev/null 2>/dev/null | LC_ALL=C awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# print_costs BUILD-FOLDER...: a line for each: what compiling and linking took of a processor.
print_costs() {
  local folder
  for folder in "$@"; do
    [ -f "$folder/costs.log" ] || continue
    LC_ALL=C awk -F '\t' -v name="${folder##*/}" '
      $2 ~ /\.(o|gch)$/ { compiling += $1; files += 1; next }
      { linking += $1; links += 1 }
      END { printf "%-10s %7.0f s compiling %4d units, %5.0f s linking %3d programs\n", name, compiling, files, linking, links }
    ' "$folder/costs.log"
  done
}

# print_dearest COUNT BUILD-FOLDER...: the units that took the most.
print_dearest() {
  local count=$1 folder
  shift
  for folder in "$@"; do
    [ ! -f "$folder/costs.log" ] || LC_ALL=C awk -F '\t' -v name="${folder##*/}" '{ printf "%9.2f s  %s: %s\n", $1, name, $2 }' "$folder/costs.log"
  done | LC_ALL=C sort -rn | head -n "$count"
}
