#include <saga_harness_internal/legal_kinds.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/cell.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>

namespace saga_harness::internal {

std::vector<FaultKind> legal_nowhere(const Experiment& subject, const std::vector<FaultKind>& kinds) {
  const std::vector<Cell> cells = declared_cells(*subject.setup.saga, subject, kinds);
  std::vector<FaultKind> nowhere;
  for (const FaultKind kind : kinds) {
    const bool depends_on_the_run = fate_of(kind).order == OrderFate::kSwapped;
    if (depends_on_the_run || std::ranges::find(cells, kind, &Cell::kind) != cells.end()) continue;
    nowhere.push_back(kind);
  }
  return nowhere;
}

void expect_legal_somewhere(const Experiment& subject, const std::vector<FaultKind>& kinds,
                            std::string_view asked_by) {
  const std::vector<FaultKind> nowhere = legal_nowhere(subject, kinds);
  if (nowhere.empty()) return;
  throw Error(ErrorText{.source = std::string(asked_by),
                        .message = fmt::format("{} can strike nowhere in the saga {}",
                                               name_of(nowhere.front()), subject.setup.saga->saga().name),
                        .fix = "leave it out; saga-harness list says where kinds are legal"});
}

}  // namespace saga_harness::internal
