#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// The faults that were ordered. What a request costs does not depend on how many there are. Thread-safe.
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
  /// What a fault asks of a request: a bit for each field of FaultTarget that it names.
  static constexpr std::size_t kScopeFields = 5;
  using Fields = std::size_t;
  /// The named fields' values in one text: those of a fault and of a request that it fits are the same.
  [[nodiscard]] static std::string scope_text(Fields fields, const FaultTarget& target);
  [[nodiscard]] static FaultTarget target_of(const OrderedFault& fault);
  [[nodiscard]] static Fields fields_of(const OrderedFault& fault);
  using Scopes = std::unordered_map<std::string, std::set<std::uint64_t>>;

  void arm(const OrderedFault& fault);
  void disarm(const OrderedFault& fault);
  template <class Fits>
  std::vector<OrderedFault> remove_if(Fits fits);

  std::atomic<std::size_t> armed_{0};  // that can still strike
  mutable std::mutex mutex_;
  std::map<std::uint64_t, OrderedFault> faults_;                       // by id
  std::array<Scopes, std::size_t{1} << kScopeFields> armed_by_scope_;  // by the fields that they name
  std::uint64_t last_id_ = 0;
};

}  // namespace saga_harness::wire
