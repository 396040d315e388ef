#!/usr/bin/env bash
# What each public header costs whoever includes it, in lines after preprocessing: header_costs.sh [--update] [SOURCE-TREE].
# Prints the table and fails where a header is over its bound in header_costs.txt, or has no row there. --update writes the
# bounds anew: what is measured and a twentieth more. CXX: the compiler, g++ otherwise.
#
#   own    lines of our headers that come with it
#   total  all lines, standard library and gtest included; they depend on the library, so they are bound where it is the one
#          that the table was written with
set -uo pipefail

update=
if [ "${1:-}" = --update ]; then
  update=yes
  shift
fi
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}" || exit 70

compiler=${CXX:-g++}
table=tests/style/header_costs.txt
folders=(harness fakes reports scenarios)
mapfile -t roots < <(find "${folders[@]}" -type d -path '*/include/saga_harness' | sed 's|/saga_harness$||' | LC_ALL=C sort)
include_paths=("${roots[@]/#/-I}")
library=$(printf '#include <version>\nlibrary __GLIBCXX__ _LIBCPP_VERSION\n' |
  "$compiler" -std=c++20 -x c++ -E -P - | tr -s ' \n' ' ' | sed -n 's/.*library \(.*[^ ]\) *$/\1/p')
[ -n "$library" ] || { echo "header_costs.sh: $compiler cannot be run"; exit 70; }

# measure ROOT/saga_harness/NAME: its row. Lines that hold something count, each for the file it stands in.
measure() {
  "${measure_command[@]}" "$1" | awk -v header="${1##*/include/}" '
    /^# [0-9]+ "/ { own = $3 ~ /\/include\/saga_harness\//; next }
    NF > 0 { total++; if (own) own_lines++ }
    END { if (total > 0) printf "%-42s %6d %8d\n", header, own_lines, total }' ||
    echo "${1##*/include/} cannot be preprocessed"
}

# The shell that xargs starts gets the command as arguments, headers last.
export -f measure
rows=$(find "${roots[@]}" -name '*.hpp' -print0 | xargs -0 -n 1 -P "$(nproc)" bash -c '
  set -o pipefail
  measure_command=("${@:1:$#-1}")
  measure "${@: -1}"' measure "$compiler" -std=c++20 -w -x c++ -E "${include_paths[@]}" | LC_ALL=C sort)

if [ -n "$update" ]; then
  {
    echo '# The most lines that each public header may cost: see header_costs.sh. Written by: bash tests/style/header_costs.sh --update'
    echo "# library $library"
    printf '# %-40s %6s %8s\n' header own total
    awk '{ printf "%-42s %6d %8d\n", $1, $2 + $2 / 20 + 1, $3 + $3 / 20 + 1 }' <<<"$rows"
  } >"$table"
fi

printf '%-42s %6s %8s\n%s\n' header own total "$rows"
LC_ALL=C awk -v library="$library" '
  function wrong(text) { print "BREACH: " text; breaches++ }
  FNR == NR && /^# library / { same_library = substr($0, 11) == library; next }
  FNR == NR && /^#/ { next }
  FNR == NR { own[$1] = $2; total[$1] = $3; next }
  NF != 3 || $2 !~ /^[0-9]+$/ { wrong($0); next }
  { seen[$1] = 1 }
  !($1 in own) { wrong($1 " has no bound"); next }
  $2 > own[$1] { wrong($1 " brings " $2 " lines of ours, " own[$1] " are allowed") }
  same_library && $3 > total[$1] { wrong($1 " costs " $3 " lines in all, " total[$1] " are allowed") }
  END {
    for (header in own) if (!(header in seen)) wrong(header " has a bound and is not there")
    if (!same_library) print "note: another standard library than that of the table, totals are not compared"
    if (breaches > 0) print "Include less, or say why not and: bash tests/style/header_costs.sh --update"
    exit breaches > 0
  }' "$table" - <<<"$rows"
