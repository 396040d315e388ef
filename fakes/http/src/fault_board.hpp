#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>

#include "wire_fault.hpp"

namespace saga_harness::http {

/// What a request is, for a fault to fit it or not.
struct FaultTarget {
  std::string_view service = {};
  std::string_view action = {};
  std::string_view saga_id = {};
  std::string_view key = {};
  std::uint32_t attempt = 0;
};

/// The faults that the admin API was asked for. Thread-safe.
class FaultBoard {
 public:
  /// Numbers them and keeps them, all or none.
  std::vector<std::uint64_t> add(std::vector<AdminFault> faults);
  /// The first that fits, already used up as far as it is.
  [[nodiscard]] std::optional<AdminFault> take(const FaultTarget& target);
  [[nodiscard]] std::vector<AdminFault> all() const;
  [[nodiscard]] std::optional<AdminFault> find(std::uint64_t id) const;
  /// Those that were there.
  std::vector<AdminFault> remove(std::optional<std::uint64_t> id);
  std::vector<AdminFault> remove_of_saga(std::string_view saga_id);

 private:
  template <class Fits>
  std::vector<AdminFault> remove_if(Fits fits);

  std::atomic<std::size_t> active_{0};  // that can still strike
  mutable std::mutex mutex_;
  std::vector<AdminFault> faults_;
  std::uint64_t last_id_ = 0;
};

/// @throws Error that names the field, with the nearest one.
[[nodiscard]] AdminFault read_fault(const internal::JsonReader& object, const SagaIndex& saga,
                                    bool can_refuse_connections);
void write_fault(const AdminFault& fault, internal::JsonWriter& writer);

}  // namespace saga_harness::http
