#!/usr/bin/env bash
# Reports of records, as others read them: check.sh SAGA-HARNESS SCRATCH. Every number recomputed, JSON against its
# schema, JUnit XML against what Jenkins takes, every SVG and XML well-formed. Prints what is wrong and fails.
set -uo pipefail
command=$1
scratch=$2
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
root=$(cd -- "$here/../.." && pwd)
records=$root/tests/golden/records
today=2026-11-21
failures=0
mkdir -p -- "$scratch"

check() {
  if ! "${@:2}"; then
    echo "FAILED: $1"
    failures=$((failures + 1))
  fi
}

# report NAME RECORDS...: writes all formats of one report and has each looked at.
report() {
  local name=$scratch/$1
  shift
  local files=("$@") format
  local -A ending=([json]=json [markdown]=md [junit]=github.xml [github]=github.txt [timeline]=timeline.json
    [diagram]=mmd [diagram-svg]=svg [badge]=badge.svg [terminal]=txt [html]=html)
  for format in "${!ending[@]}"; do
    "$command" report "${files[@]}" --today "$today" --format "$format" -o "$name.${ending[$format]}"
    [ "$?" -le 3 ] || check "report --format $format of ${files[*]}" false
  done
  local dialect
  for dialect in jenkins gitlab; do
    "$command" report "${files[@]}" --today "$today" --format junit --dialect "$dialect" -o "$name.$dialect.xml"
  done
  check "GitLab and GitHub, of $name" python3 "$here/junit_readers.py" --json "$name.json" \
    --gitlab "$name.gitlab.xml" --github "$name.github.xml"
  check "numbers of $name" python3 "$here/recompute.py" --today "$today" --json "$name.json" \
    --markdown "$name.md" --junit "$name.github.xml" --html "$name.html" --terminal "$name.txt" \
    --github "$name.github.txt" --diagram "$name.mmd" --diagram-svg "$name.svg" --badge "$name.badge.svg" \
    --timeline "$name.timeline.json" "${files[@]}"
  check "schema of $name" python3 "$here/check_schema.py" "$root/reports/schema/saga-report.schema.json" "$name.json"
  check "JSON of the timeline of $name" python3 -m json.tool "$name.timeline.json" /dev/null
  if command -v xmllint >/dev/null; then
    check "JUnit of $name" xmllint --noout --schema "$here/schemas/junit-jenkins.xsd" "$name.jenkins.xml"
    check "XML of $name" xmllint --noout "$name.github.xml" "$name.gitlab.xml" "$name.svg" "$name.badge.svg"
  else
    echo "note: there is no xmllint, XML is not checked"
  fi
}

for name in clean violated vacuous truncated excluded hostile choreography; do
  report "$name" "$records/$name.runs.jsonl"
done
report all "$records"/{clean,violated,vacuous,excluded,half}.runs.jsonl

python3 "$here/hostile.py" "$records/violated.runs.jsonl" "$scratch/evil.runs.jsonl"
report evil "$scratch/evil.runs.jsonl"
for file in "$scratch"/evil.*; do
  case $file in
    *.jsonl) ;;
    *) check "plain text in $file" python3 "$here/plain.py" "$file" ;;
  esac
done

# The same bytes wherever it is written: but for what is called volatile.
for format in terminal markdown html junit github timeline diagram diagram-svg badge json; do
  "$command" report "$records/violated.runs.jsonl" "$records/hostile.runs.jsonl" --today "$today" --gate \
    --min-held 12.5 --format "$format" 2>"$scratch/here.complaints" |
    sed '/"written_at":/d' >"$scratch/here.$format"
  LC_ALL=de_DE.UTF-8 TZ=Asia/Kolkata "$command" report "$records/hostile.runs.jsonl" "$records/violated.runs.jsonl" \
    --today "$today" --gate --min-held 12.5 --format "$format" 2>"$scratch/there.complaints" |
    sed '/"written_at":/d' >"$scratch/there.$format"
  check "$format in another locale and time zone" cmp "$scratch/here.$format" "$scratch/there.$format"
  check "$format is not empty" test -s "$scratch/here.$format"
  check "plain text in the complaints" python3 "$here/plain.py" "$scratch/here.complaints"
done

"$command" explore "$root/scenarios/travel_booking.json" -k 1 --coordinator skips_last --out "$scratch/travel" >/dev/null
report travel "$scratch/travel/runs.jsonl"
check "what GitLab and GitHub would show wrongly is refused" python3 "$here/junit_readers.py" --invalid
check "the recomputation can fail" python3 "$here/tamper.py" --json "$scratch/violated.json" \
  --html "$scratch/violated.html" --terminal "$scratch/violated.txt" "$records/violated.runs.jsonl"
check "the schema refuses what is wrong" python3 "$here/check_schema.py" --invalid \
  "$root/reports/schema/saga-report.schema.json" "$scratch/violated.json"
echo "reports: $failures checks failed"
[ "$failures" -eq 0 ]
