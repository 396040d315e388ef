#include "kinds.hpp"

#include <algorithm>

#include <saga_harness/fault_catalogue.hpp>

namespace saga_harness::cli {

std::vector<FaultKind> parse_kinds(const std::vector<std::string>& names) {
  std::vector<FaultKind> kinds;
  for (const std::string& name : names) {
    const FaultKind kind = parse_fault_kind(name);
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

}  // namespace saga_harness::cli
