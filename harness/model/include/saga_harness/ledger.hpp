#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fault.hpp>

namespace saga_harness {

/// What a participant really did for one step: from its own ledger, never from the coordinator's word.
struct Effect {
  std::uint32_t applied = 0;
  std::uint32_t undone = 0;

  [[nodiscard]] int net() const noexcept { return static_cast<int>(applied) - static_cast<int>(undone); }
  friend bool operator==(const Effect&, const Effect&) = default;
};

/// What must hold of a business quantity when all is over.
enum class QuantityRule : std::uint8_t {
  kConserved,  ///< the same at the end as at the start, whatever the outcome (stock + reserved; all the money
               ///< there is)
  kRestored,   ///< the same at the end as at the start if the saga ended compensated (a customer's balance)
};

[[nodiscard]] std::string_view name_of(QuantityRule rule);

/// A business quantity of a participant, in whole units (pieces, cents).
struct Quantity {
  std::string name = {};  ///< e.g. `inventory_service/PROD-1 available + reserved`
  QuantityRule rule = QuantityRule::kConserved;
  std::int64_t at_start = 0;
  std::int64_t at_end = 0;

  friend bool operator==(const Quantity&, const Quantity&);
};

/// Effects by step (indexed by StepId) and business state, read when a run is over.
struct Ledger {
  std::vector<Effect> effects = {};
  std::vector<Quantity> quantities = {};

  friend bool operator==(const Ledger&, const Ledger&);
};

}  // namespace saga_harness
