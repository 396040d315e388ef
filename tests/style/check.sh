#!/usr/bin/env bash
# Rules of this project that a compiler does not check: check.sh [SOURCE-TREE [FILE...]]. Prints every breach and fails if there is one.
# With files, only those are looked at for their formatting, which is what takes time.
set -uo pipefail
cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}" || exit 70

folders=(harness fakes reports scenarios tests)
self=tests/style/check.sh
breaches=0

# breach RULE LINES: reports the lines, if there are any.
breach() {
  if [ -n "$2" ]; then
    echo "BREACH: $1"
    printf '%s\n' "$2" | sed 's/^/  /'
    breaches=$((breaches + 1))
  fi
}

present=()
for folder in "${folders[@]}"; do
  [ -d "$folder" ] && present+=("$folder")
done

# Text we write by hand: everything but recorded expectations and pictures.
mapfile -t texts < <(find "${present[@]}" CMakeLists.txt CMakePresets.json README.md CHANGELOG.md LICENSE .ci .github .clang-format \
  .clang-tidy .editorconfig .gitignore .gitattributes -type f ! -path '*/__pycache__/*' ! -name '*.png' ! -path 'tests/fuzz/corpus/*' \
  \( ! -path 'tests/golden/*' -o -name '*.cpp' -o -name '*.hpp' \) 2>/dev/null | sort)
mapfile -t sources < <(printf '%s\n' "${texts[@]}" | grep -E '\.(cpp|hpp)$')
mapfile -t public_headers < <(printf '%s\n' "${sources[@]}" | grep -E '(^|/)include/saga_harness/.*\.hpp$')
mapfile -t code < <(printf '%s\n' "${texts[@]}" | grep -E '\.(cpp|hpp|sh|cmake|js|css)$|CMakeLists\.txt$')

# grep_in PATTERN FILE...: matching lines with file and number; no files, no lines.
grep_in() {
  local pattern=$1
  shift
  [ "$#" -eq 0 ] || grep -nHE -e "$pattern" "$@" /dev/null
}

grep_in_any_case() {
  local pattern=$1
  shift
  [ "$#" -eq 0 ] || grep -nHEi -e "$pattern" "$@" /dev/null
}

# The top level holds the agreed entries, and each folder says what it is.
breach 'an entry at the top level that is not agreed' \
  "$(find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name 'build*' | sed 's|^\./||' | sort |
    grep -vxE 'CHANGELOG\.md|CMakeLists\.txt|CMakePresets\.json|CMakeUserPresets\.json|LICENSE|README\.md|compile_commands\.json|harness|fakes|reports|scenarios|tests')"
for folder in "${folders[@]}"; do
  [ -f "$folder/README.md" ] || breach 'a folder without README.md' "$folder"
done

# Layout.
formatted=("${sources[@]}")
[ "$#" -lt 2 ] || mapfile -t formatted < <(printf '%s\n' "${sources[@]}" | grep -xF -f <(printf '%s\n' "${@:2}"))
formatter=
for candidate in clang-format-14 clang-format; do
  if command -v "$candidate" >/dev/null && "$candidate" --version | grep -q 'version 14\.'; then
    formatter=$candidate
    break
  fi
done
if [ -z "$formatter" ]; then
  echo "note: there is no clang-format 14, formatting is not checked"
elif [ "${#formatted[@]}" -gt 0 ]; then
  breach "not formatted (fix with: $formatter -i FILE)" \
    "$(printf '%s\0' "${formatted[@]}" | xargs -0 -n 8 -P "$(nproc)" "$formatter" --dry-run 2>&1 |
      grep -oE '^[^ ]+\.(cpp|hpp):[0-9]+' | sort -t: -k1,1 -k2,2n | awk -F: '!seen[$1]++ { print $1 ":" $2 }')"
fi
breach 'a tab, a carriage return, or white space at the end of a line' \
  "$(grep_in $'[\t\r]|[ \t]$' "${texts[@]}" | grep -vE $'^[^:]*\\.go:[0-9]+:\t+[^\t\r]*[^ \t\r]$')"  # gofmt indents with tabs

# Length.
lengths=$(wc -l "${code[@]}" | grep -v ' total$')
long=$(printf '%s\n' "$lengths" | awk '$1 > 400 && $1 <= 500 { print $2 ": " $1 " lines" }')
[ -z "$long" ] || printf 'warning: longer than 400 lines\n%s\n' "$long"
breach 'longer than 500 lines' "$(printf '%s\n' "$lengths" | awk '$1 > 500 { print $2 ": " $1 " lines" }')"

# Nothing left for later, nothing about one machine.
breach 'left for later' "$(grep_in '\b(TO''DO|FIX''ME|XX''X)\b' "${texts[@]}")"
breach 'a path of one machine' "$(grep_in '(^|[^A-Za-z0-9_./~-])/(home|ro''ot|wo''rk)/' "${texts[@]}" | grep -v "^$self:")"

# Links between pages: to a file or folder of ours, and to a heading of it.
dead_links() {
  local page line link path
  while IFS=: read -r page line link; do
    link=${link#](} link=${link%)}
    path=$(dirname -- "$page")/${link%%#*}
    [ -z "${link%%#*}" ] && path=$page
    if [ ! -e "$path" ]; then
      echo "$page:$line: $link"
    elif [[ $link == *#* ]] &&
      ! grep -E '^#+ ' "$path" | sed -E 's/^#+ //; s/[^A-Za-z0-9 _-]//g; s/ /-/g' | grep -qixF -e "${link#*#}"; then
      echo "$page:$line: no heading $link"
    fi
  done < <(printf '%s\n' "${texts[@]}" | grep '\.md$' | xargs -r grep -noHE '\]\([^) ]+\)' | grep -vE '\]\((https?|mailto):')
}
breach 'a link that leads nowhere' "$(dead_links)"

# A run is replayable: no ambient clock, no ambient randomness.
ambient='system_clock|steady_clock|high_resolution_clock|random_device|mt19937|uniform_(int|real)_distribution|std::shuffle'
mapfile -t engine < <(printf '%s\n' "${sources[@]}" | grep -E '^(harness|fakes|reports)/' |
  grep -vxF -f <(grep -oE '^[^# ]+' tests/style/ambient_allowed.txt; echo /))
breach 'an ambient clock or random number (see tests/style/ambient_allowed.txt)' "$(grep_in "$ambient" "${engine[@]}")"

# What is written past the layer is lost in silence on a full disk; what is read past it may have no end.
mapfile -t past_files < <(printf '%s\n' "${sources[@]}" | grep -E '^(harness|fakes|reports)/' | grep -v '^harness/files/' |
  grep -vxF -f <(grep -oE '^[^# ]+' tests/style/files_allowed.txt; echo /))
breach 'a file opened or renamed past harness/files (see tests/style/files_allowed.txt)' \
  "$(grep_in '\b([oi]?fstream|freopen|fopen|fdopen|fwrite|mkstemp)\b|O_(CREAT|WRONLY|RDWR)\b|\brename\(' "${past_files[@]}")"

# clang 14 cannot compile the range adaptors of GCC's library.
breach 'a view of <ranges>, which clang 14 does not compile with the standard library of GCC: use a loop or an algorithm' \
  "$(grep_in '\b(std::)?(views::[a-z]|ranges::([a-z_]+_view|subrange|equal_range)\b)' "${sources[@]}")"

# What a kind of fault does stands in its row of the catalogue, as verbs: nobody else tells kinds apart.
mapfile -t shipped < <(printf '%s\n' "${sources[@]}" | grep -E '^(harness|fakes|reports|scenarios)/')
breach 'a fault kind told apart outside the catalogue: ask fate_of(kind) or row_of(kind)' \
  "$(grep_in '(case|[=!]=) (saga_harness::|sh::)?FaultKind::' "${shipped[@]}")"

# Plain words: a dialect word of plain_words.txt is in no text, and no type has a dialect name.
plain() { sed -n "$1" tests/style/plain_words.txt | paste -sd '|'; }
mapfile -t read_by_strangers < <(printf '%s\n' "${texts[@]}" | grep -vE '^(tests/style/plain_words\.txt|CHANGELOG\.md)$')
breach 'a word that strangers would have to learn (see tests/style/plain_words.txt)' \
  "$(grep_in_any_case "(^|[^a-z])($(plain 's/^\([a-z][a-z-]*\) .*/\1/p'))([^a-z]|\$)" "${read_by_strangers[@]}")"
breach 'a type with a dialect name (see tests/style/plain_words.txt)' \
  "$(grep_in "(struct|class|using|typename) ($(plain 's/^= \([A-Za-z]*\) .*/\1/p'))([^A-Za-z0-9_]|\$)" "${sources[@]}")"

# Public headers: documented, guarded, and free of the JSON library.
if [ "${#public_headers[@]}" -gt 0 ]; then
  breach 'a public header without a /// comment' "$(grep -L '///' "${public_headers[@]}")"
  breach 'the JSON library in a public header' "$(grep_in '#include.*nlohmann/json\.hpp' "${public_headers[@]}")"
fi
mapfile -t headers < <(printf '%s\n' "${sources[@]}" | grep '\.hpp$')
[ "${#headers[@]}" -eq 0 ] || breach 'a header without #pragma once' "$(grep -L '#pragma once' "${headers[@]}")"

# Sources of a group are compiled together: a function in an unnamed namespace is the only one of its name there.
if command -v python3 >/dev/null; then
  breach 'a function of the same name elsewhere in its group (see tests/style/grouped_names.py)' \
    "$(python3 tests/style/grouped_names.py .)"
  breach 'a layer that includes what comes after it (see harness/cmake/layers.txt)' "$(python3 tests/style/layers.py .)"
  breach 'an Error whose fix is no field of it (see tests/style/error_fields.py)' "$(python3 tests/style/error_fields.py .)"
  breach 'a public type that no test prints (see tests/style/printed_types.py)' "$(python3 tests/style/printed_types.py .)"
else
  echo "note: there is no python3, names of groups and printed types are not checked"
fi

echo "style: ${#texts[@]} files, $breaches rules broken"
[ "$breaches" -eq 0 ]
