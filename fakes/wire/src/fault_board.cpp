#include <saga_harness_internal/fault_board.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/names.hpp>

namespace saga_harness::wire {
namespace {

constexpr std::array<std::string_view, kWireKindCount> kWireNames{
    "refused",         "reset_before",   "reset_after",  "closed_before",
    "closed_after",    "truncated_body", "invalid_json", "wrong_content_type",
    "slow_first_byte", "slow_body",      "hang",         "status"};
constexpr std::size_t kMostFaults = 100'000;

}  // namespace

std::string_view name_of(WireKind kind) { return internal::name_in(kWireNames, kind); }
std::string_view name_of(const OrderedFault& fault) {
  return fault.wire ? name_of(*fault.wire) : name_of(fault.kind);
}

FaultTarget FaultBoard::target_of(const OrderedFault& fault) {
  return {.service = fault.service,
          .action = fault.action,
          .saga_id = fault.saga_id,
          .key = fault.key,
          .attempt = fault.attempt};
}

FaultBoard::Fields FaultBoard::fields_of(const OrderedFault& fault) {
  const std::array<bool, kScopeFields> named{!fault.service.empty(), !fault.action.empty(),
                                             !fault.saga_id.empty(), !fault.key.empty(), fault.attempt != 0};
  Fields fields = 0;
  for (std::size_t i = 0; i < named.size(); ++i) fields |= Fields{named[i]} << i;
  return fields;
}

std::string FaultBoard::scope_text(Fields fields, const FaultTarget& target) {
  const std::string attempt = std::to_string(target.attempt);
  const std::array<std::string_view, kScopeFields> values{target.service, target.action, target.saga_id,
                                                          target.key, attempt};
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if ((fields >> i & 1U) == 0) continue;
    text.append(std::to_string(values[i].size())).append(":").append(values[i]);
  }
  return text;
}

void FaultBoard::arm(const OrderedFault& fault) {
  if (fault.wire == WireKind::kRefused) return;  // strikes connections, not requests
  const Fields fields = fields_of(fault);
  armed_by_scope_[fields][scope_text(fields, target_of(fault))].insert(fault.id);
  ++armed_;
}

void FaultBoard::disarm(const OrderedFault& fault) {
  Scopes& scopes = armed_by_scope_[fields_of(fault)];
  const auto scope = scopes.find(scope_text(fields_of(fault), target_of(fault)));
  if (scope == scopes.end() || scope->second.erase(fault.id) == 0) return;
  if (scope->second.empty()) scopes.erase(scope);
  --armed_;
}

std::vector<std::uint64_t> FaultBoard::add(std::vector<OrderedFault> faults) {
  const std::lock_guard lock(mutex_);
  if (faults_.size() + faults.size() > kMostFaults)
    throw Error(ErrorText{.message = "there are more than " + std::to_string(kMostFaults) + " faults",
                          .fix = "delete some"});
  std::vector<std::uint64_t> ids;
  for (OrderedFault& fault : faults) {
    fault.id = ++last_id_;
    ids.push_back(fault.id);
    arm(fault);
    faults_.emplace(fault.id, std::move(fault));
  }
  return ids;
}

std::optional<OrderedFault> FaultBoard::take(const FaultTarget& target) {
  if (armed_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::optional<std::uint64_t> first;
  for (Fields fields = 0; fields < armed_by_scope_.size(); ++fields) {
    const Scopes& scopes = armed_by_scope_[fields];
    if (scopes.empty()) continue;
    const auto scope = scopes.find(scope_text(fields, target));
    if (scope != scopes.end()) first = std::min(first.value_or(last_id_), *scope->second.begin());
  }
  if (!first) return std::nullopt;
  OrderedFault& fault = faults_.at(*first);
  if (++fault.struck == fault.times) disarm(fault);
  return fault;
}

std::vector<OrderedFault> FaultBoard::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<OrderedFault> all;
  for (const auto& [id, fault] : faults_) all.push_back(fault);
  return all;
}

std::optional<OrderedFault> FaultBoard::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = faults_.find(id);
  return found == faults_.end() ? std::nullopt : std::optional(found->second);
}

template <class Fits>
std::vector<OrderedFault> FaultBoard::remove_if(Fits fits) {
  const std::lock_guard lock(mutex_);
  std::vector<OrderedFault> removed;
  std::erase_if(faults_, [&](const auto& entry) {
    if (!fits(entry.second)) return false;
    disarm(entry.second);
    removed.push_back(entry.second);
    return true;
  });
  return removed;
}

std::vector<OrderedFault> FaultBoard::remove(std::optional<std::uint64_t> id) {
  return remove_if([id](const OrderedFault& fault) { return !id || fault.id == *id; });
}

std::vector<OrderedFault> FaultBoard::remove_of_saga(std::string_view saga_id) {
  return remove_if([saga_id](const OrderedFault& fault) { return fault.saga_id == saga_id; });
}

}  // namespace saga_harness::wire
