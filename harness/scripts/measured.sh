#!/usr/bin/env bash
# A launcher for compilers and linkers: runs COMMAND and appends to LOG what it took of a processor, its children included.
#   measured.sh LOG COMMAND ARGUMENT...
# A line of LOG: seconds, a tab, the file that was made. Ninja's own log knows only the time that went by.
log=$1
shift
output='' previous=''
for argument in "$@"; do
  [ "$previous" = -o ] && output=$argument
  previous=$argument
done

TIMEFORMAT='%3U %3S'
exec 3>&1 4>&2
cost=$({ time "$@" >&3 2>&4; } 2>&1)
status=$?
printf '%s\n' "$cost" | LC_ALL=C awk -v output="$output" '{ printf "%.3f\t%s\n", $1 + $2, output }' >>"$log"
exit "$status"
