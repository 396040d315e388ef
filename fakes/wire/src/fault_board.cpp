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

std::vector<std::uint64_t> FaultBoard::add(std::vector<OrderedFault> faults) {
  const std::lock_guard lock(mutex_);
  if (faults_.size() + faults.size() > kMostFaults)
    throw Error(ErrorText{.message = "there are more than " + std::to_string(kMostFaults) + " faults",
                          .fix = "delete some"});
  std::vector<std::uint64_t> ids;
  for (OrderedFault& fault : faults) {
    fault.id = ++last_id_;
    ids.push_back(fault.id);
    faults_.push_back(std::move(fault));
  }
  active_ += ids.size();
  return ids;
}

std::optional<OrderedFault> FaultBoard::take(const FaultTarget& target) {
  if (active_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  for (OrderedFault& fault : faults_) {
    const bool is_over = fault.times != 0 && fault.struck >= fault.times;
    if (is_over || fault.wire == WireKind::kRefused) continue;
    if (!fault.service.empty() && fault.service != target.service) continue;
    if (!fault.action.empty() && fault.action != target.action) continue;
    if (!fault.saga_id.empty() && fault.saga_id != target.saga_id) continue;
    if (!fault.key.empty() && fault.key != target.key) continue;
    if (fault.attempt != 0 && fault.attempt != target.attempt) continue;
    if (++fault.struck == fault.times) --active_;
    return fault;
  }
  return std::nullopt;
}

std::vector<OrderedFault> FaultBoard::all() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::optional<OrderedFault> FaultBoard::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(faults_.begin(), faults_.end(),
                                  [id](const OrderedFault& fault) { return fault.id == id; });
  return found == faults_.end() ? std::nullopt : std::optional(*found);
}

template <class Fits>
std::vector<OrderedFault> FaultBoard::remove_if(Fits fits) {
  const std::lock_guard lock(mutex_);
  std::vector<OrderedFault> removed;
  std::erase_if(faults_, [&](const OrderedFault& fault) {
    if (!fits(fault)) return false;
    if (fault.times == 0 || fault.struck < fault.times) --active_;
    removed.push_back(fault);
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
