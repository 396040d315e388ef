#!/usr/bin/env bash
# Explores saga engines that nobody here wrote, and orchestrators without one, over HTTP, and fails if what it finds is
# not what tests/http/targets/expected says.
#   bash tests/http/targets/run.sh [TARGET…]        installs and builds what is missing; some minutes
#   bash tests/http/targets/run.sh --smoke [--command SAGA_HARNESS]
#                                                   single faults only, installs nothing, leaves out what is not there
#   bash tests/http/targets/run.sh --deep          every pair of faults, of correct targets alone; hours
#   bash tests/http/targets/run.sh --accept         writes down what is found as what must be found
set -euo pipefail
caller=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=harness/scripts/prerequisites.sh
. harness/scripts/prerequisites.sh

smoke='' command='' arguments=()
while [ "$#" -gt 0 ]; do
  case $1 in
    --smoke) smoke=1; arguments+=(--smoke); shift ;;
    --command) command=$(cd -- "$caller" && realpath -- "$2"); shift 2 ;;
    *) arguments+=("$1"); shift ;;
  esac
done

if [ -z "$smoke" ]; then
  mapfile -t packages < <(http_comparison_packages
    command -v go >/dev/null || echo golang-go
    command -v curl >/dev/null || echo curl
    [ -x /usr/sbin/nats-server ] || command -v nats-server >/dev/null || echo nats-server)
  install_missing "${COMMAND_PACKAGES[@]}" "${packages[@]}"
  install_locked tests/http/targets/javascript build/http_targets
fi
if [ -z "$command" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target saga_harness_command >/dev/null
  command=$PWD/build/release/saga-harness
fi
prefer_python_itself
export NODE_PATH=$PWD/build/http_targets/node_modules

python3 tests/http/targets/explore.py --command "$command" "${arguments[@]}"
