#!/usr/bin/env bash
# Runs a script of this repository on a minimal Debian 12: a shell, git, apt, nothing else. Needs root.
#   bash tests/fresh_machine.sh [--working-tree] [--keep] [COMMAND ARGUMENT...]
# The command is `bash scenarios/demo.sh` if none is given. What is committed is cloned; --working-tree takes the files
# as they are. Packages come from where this machine gets its own.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

source=clone
keep=
while [ "$#" -gt 0 ]; do
  case $1 in
    --working-tree) source=tree ;;
    --keep) keep=1 ;;
    *) break ;;
  esac
  shift
done
[ "$#" -gt 0 ] || set -- bash scenarios/demo.sh
[ "$(id -u)" -eq 0 ] || { echo "error: needs root" >&2; exit 1; }

codename=bookworm
work=$(mktemp -d "${TMPDIR:-/tmp}/saga-harness-fresh.XXXXXX")
root=$work/root
mounted=()

clean_up() {
  local status=$? place
  for place in "${mounted[@]}"; do
    umount -l "$place" || true
  done
  if [ -n "$keep" ]; then
    echo "kept: $root"
  elif ! grep -qF " $root" /proc/self/mounts; then
    rm -rf --one-file-system "$work"
  fi
  exit "$status"
}
trap clean_up EXIT

# try_mount TARGET OPTION...: mounts if we may; without it, the packages needed here install all the same.
try_mount() {
  local target=$1
  shift
  mkdir -p "$target"
  if mount "$@" "$target" 2>/dev/null; then
    mounted=("$target" "${mounted[@]}")
  else
    echo "   note: cannot mount ${target#"$root"}, going on without"
  fi
}

echo "== A minimal Debian 12 in $root"
install_missing debootstrap git
# The archive this machine uses for the release itself, and the proxy, if apt has one.
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  awk -v codename="$codename" '$2 == codename && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || { echo "error: no archive for $codename among apt's sources" >&2; exit 1; }
proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"
if [ -n "$proxy" ] && [ "$proxy" != DIRECT ]; then
  export http_proxy=$proxy https_proxy=$proxy
fi
debootstrap --variant=minbase --include=git,ca-certificates "$codename" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || {
  tail -n 30 "$work/debootstrap.log" "$root/debootstrap/debootstrap.log" 2>/dev/null
  exit 1
}

# Where packages come from, as on this machine: Debian's own sources only, the proxy, certificates, name resolution.
rm -f "$root/etc/apt/sources.list"
if [ -f /etc/apt/sources.list ]; then
  cp /etc/apt/sources.list "$root/etc/apt/"
fi
cp /etc/apt/sources.list.d/debian*.sources "$root/etc/apt/sources.list.d/" 2>/dev/null || true
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
[ ! -d /etc/apt/keyrings ] || cp -r /etc/apt/keyrings "$root/etc/apt/"
cp -r /usr/share/keyrings/. "$root/usr/share/keyrings/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
cp /etc/resolv.conf /etc/hosts "$root/etc/"
try_mount "$root/proc" -t proc proc
try_mount "$root/dev" --bind /dev

echo "== The repository ($source)"
place=/srv/saga-harness
if [ "$source" = clone ]; then
  # git reads this exception from files alone when it clones; the checkout may belong to somebody else.
  printf '[safe]\n\tdirectory = *\n' >"$work/gitconfig"
  GIT_CONFIG_GLOBAL=$work/gitconfig git clone -q --no-hardlinks . "$root$place"
else
  mkdir -p "$root$place"
  tar -c --exclude=./build --exclude=./.git . | tar -x -C "$root$place"
fi

echo "== There: $*"
begin=$SECONDS
status=0
chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  ${proxy:+http_proxy="$proxy" https_proxy="$proxy"} \
  /bin/sh -c 'cd "$0" && exec "$@"' "$place" "$@" || status=$?
echo "== It ended with exit code $status after $((SECONDS - begin)) s"
exit "$status"
