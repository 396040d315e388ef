#include "admin/outstanding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness_internal/text.hpp>

namespace saga_harness::http {
namespace {

using internal::in_quotes;

constexpr std::string_view kNoSaga = "default";  // whose requests name none

/// Does an ordered fault, which has not struck, have to do with the run? One of a saga that is not there may
/// be meant for any.
bool may_concern(const wire::OrderedFault& fault, const AdminCall& call, const std::string& saga_id) {
  if (fault.struck > 0) return false;
  if (fault.wire == wire::WireKind::kRefused) return false;  // what it turns away nobody counts
  return fault.saga_id.empty() || fault.saga_id == saga_id || call.runs.find(fault.saga_id) == nullptr;
}

std::vector<std::string> unfired_faults(const AdminCall& call, const std::string& saga_id,
                                        const ObservedRun& seen) {
  std::vector<std::string> unfired;
  for (const Fault& fault : seen.unfired.faults) unfired.push_back(to_string(fault));
  for (const wire::OrderedFault& fault : call.runs.faults.all()) {
    if (!may_concern(fault, call, saga_id)) continue;
    std::string text = fmt::format("fault {}, {}", fault.id, wire::name_of(fault));
    const bool is_elsewhere = !fault.saga_id.empty() && fault.saga_id != saga_id;
    if (is_elsewhere) text += fmt::format(" of saga {}, of which there is no run", in_quotes(fault.saga_id));
    unfired.push_back(std::move(text));
  }
  return unfired;
}

std::string counted_requests(std::uint64_t count) {
  return count == 1 ? std::string("1 request") : fmt::format("{} requests", count);
}

}  // namespace

std::string describe(const HeldBack& held, const SagaIndex& saga) {
  return fmt::format("{}{}.{}#{} until {}", held.is_duplicate ? "a copy of " : "",
                     saga.step(held.operation.step).name, name_of(held.operation.operation), held.attempt,
                     name_of(held.until));
}

std::vector<OutstandingFound> outstanding_of(const AdminCall& call, const wire::SagaRun& run,
                                             const ObservedRun& seen) {
  std::vector<OutstandingFound> found;
  std::vector<std::string> held;
  for (const HeldBack& each : seen.held_back) held.push_back(describe(each, *run.served().saga));
  if (!held.empty()) {
    found.push_back({Outstanding::kHeldBack,
                     fmt::format("held back: {}; POST /drain, then POST /wait", fmt::join(held, ", "))});
  }
  if (const auto unfired = unfired_faults(call, run.saga_id(), seen); !unfired.empty()) {
    found.push_back(
        {Outstanding::kUnfired,
         fmt::format("never struck: {}; correct or delete what cannot strike", fmt::join(unfired, ", "))});
  }
  if (seen.unmatched > 0) {
    found.push_back(
        {Outstanding::kUnmatched, fmt::format("{} fitted no service and action; see /journal/unmatched",
                                              counted_requests(seen.unmatched))});
  }
  const wire::RunPtr nobodys = run.saga_id() == kNoSaga ? nullptr : call.runs.find(kNoSaga);
  const std::uint64_t strays = nobodys == nullptr ? 0 : nobodys->snapshot().unmatched;
  if (strays > 0) {
    found.push_back({Outstanding::kUnmatched,
                     fmt::format("{} that named no saga fitted no service and action; see /journal/unmatched",
                                 counted_requests(strays))});
  }
  return found;
}

}  // namespace saga_harness::http
