#include "kinds.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/cell.hpp>
#include <saga_harness/error.hpp>
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

void expect_legal_somewhere(const Experiment& subject, const std::vector<FaultKind>& kinds) {
  const std::vector<Cell> cells = declared_cells(*subject.setup.saga, subject, kinds);
  for (const FaultKind kind : kinds) {
    const bool depends_on_the_run = fate_of(kind).order == OrderFate::kSwapped;
    if (depends_on_the_run || std::ranges::find(cells, kind, &Cell::kind) != cells.end()) continue;
    throw Error(ErrorText{.message = fmt::format("--kinds: {} can strike nowhere in the saga {}",
                                                 name_of(kind), subject.setup.saga->saga().name),
                          .fix = "leave it out; saga-harness list says where kinds are legal"});
  }
}

}  // namespace saga_harness::cli
