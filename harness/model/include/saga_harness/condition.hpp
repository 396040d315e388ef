#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include <saga_harness/context.hpp>
#include <saga_harness/print.hpp>

namespace saga_harness {

/// How a condition compares what its pointer leads to with its value.
enum class Comparison : std::uint8_t {
  kEquals,       ///< the same JSON value: numbers by what they are worth, objects in whatever order
  kDiffersFrom,  ///< another one, or the pointer leads nowhere
  kAbove,        ///< a number greater than the value
  kAtMost,       ///< a number not greater than the value
  kPresent,      ///< the pointer leads to anything, null included; with the value `false`: to nothing
};
/// Its key in JSON: `equals`, `differs_from`, `above`, `at_most`, `present`.
[[nodiscard]] std::string_view name_of(Comparison comparison);

/// What has to be so in the context that a run starts with: `/total_amount above 100`; or in what an earlier
/// step was answered: `/results/look_up/order_type equals 13`. Where that step was skipped, or has failed
/// though optional, the pointer leads nowhere; then neither kAbove nor kAtMost holds.
struct Condition {
  /// RFC 6901, into the context; empty: the context as a whole. One that begins with `/results/` leads to a
  /// declared result of a step (see ResultField), and never into the context.
  std::string pointer = {};
  Comparison comparison = Comparison::kPresent;
  Json value = true;  ///< a number for kAbove and kAtMost, a boolean for kPresent

  friend bool operator==(const Condition&, const Condition&);
};
void PrintTo(const Condition& value, std::ostream* out);

/// Does it hold in a run that starts with `context`? Not for one that looks at a result.
/// @throws Error that names pointer and context if the pointer is none, the value does not fit the
/// comparison, or the comparison needs a number and the pointer leads to none.
[[nodiscard]] bool holds(const Condition& condition, const Context& context);

/// `/total_amount above 100`, `/gift equals true`, `/voucher present`, `/voucher not present`.
[[nodiscard]] std::string to_string(const Condition& condition);

}  // namespace saga_harness
