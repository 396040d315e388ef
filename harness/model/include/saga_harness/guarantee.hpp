#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

#include <saga_harness/print.hpp>

namespace saga_harness {

/// What a participant promises to those that call it. Each can be withdrawn: that is how a bug in a
/// participant, or a saga that relies on more than it may, is shown.
struct Guarantees {
  bool deduplicates =
      true;                ///< a repeated idempotency key (without keys: saga, step, direction) is done once
  bool tombstones = true;  ///< an action that arrives after its compensation is refused
  bool null_compensation = true;        ///< compensating what never happened is accepted and changes nothing
  bool idempotent_compensation = true;  ///< compensating twice undoes once
  bool durable_dedup = true;  ///< which keys were seen is still known after a crash of the participant

  friend bool operator==(const Guarantees&, const Guarantees&) = default;
};
void PrintTo(const Guarantees& value, std::ostream* out);

/// For the services of a choreography, whose inboxes and tombstones are their own: what they ask for twice is
/// done twice.
inline constexpr Guarantees kNoGuarantees{false, false, false, false, false};

/// One of the Guarantees, by the name of its flag.
enum class Guarantee : std::uint8_t {
  kDeduplicates,
  kTombstones,
  kNullCompensation,
  kIdempotentCompensation,
  kDurableDedup,
};
inline constexpr std::size_t kGuaranteeCount = 5;
[[nodiscard]] std::string_view name_of(Guarantee guarantee);
/// @throws Error with the nearest name.
[[nodiscard]] Guarantee parse_guarantee(std::string_view name);
[[nodiscard]] bool& flag_of(Guarantees& guarantees, Guarantee guarantee);
[[nodiscard]] bool gives(const Guarantees& guarantees, Guarantee guarantee);

/// What a service guarantees, where its steps differ: by name of the step, instead of the rest.
using GuaranteesAtStep = std::map<std::string, Guarantees, std::less<>>;

}  // namespace saga_harness
