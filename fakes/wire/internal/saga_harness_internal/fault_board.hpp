#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness_internal/ordered_fault.hpp>

namespace saga_harness::wire {

/// What a request is, for a fault to fit it or not.
struct FaultTarget {
  std::string_view service = {};
  std::string_view action = {};
  std::string_view saga_id = {};
  std::string_view key = {};
  std::uint32_t attempt = 0;
};

/// The faults that were ordered. Thread-safe.
class FaultBoard {
 public:
  /// Numbers them and keeps them, all or none.
  std::vector<std::uint64_t> add(std::vector<OrderedFault> faults);
  /// The first that fits, already used up as far as it is.
  [[nodiscard]] std::optional<OrderedFault> take(const FaultTarget& target);
  [[nodiscard]] std::vector<OrderedFault> all() const;
  [[nodiscard]] std::optional<OrderedFault> find(std::uint64_t id) const;
  /// Those that were there.
  std::vector<OrderedFault> remove(std::optional<std::uint64_t> id);
  std::vector<OrderedFault> remove_of_saga(std::string_view saga_id);

 private:
  template <class Fits>
  std::vector<OrderedFault> remove_if(Fits fits);

  std::atomic<std::size_t> active_{0};  // that can still strike
  mutable std::mutex mutex_;
  std::vector<OrderedFault> faults_;
  std::uint64_t last_id_ = 0;
};

}  // namespace saga_harness::wire
