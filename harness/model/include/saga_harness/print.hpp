#pragma once

#include <concepts>
#include <iosfwd>
#include <string_view>
#include <type_traits>

/// How gtest, gmock and whoever else knows `PrintTo` shows our values: every public value has one beside it,
/// found by argument-dependent lookup, and none needs gtest. A struct is shown as one would write it, what is
/// as by default left out: `Reply{.status = rejected}`.
namespace saga_harness {

namespace internal {
void print_text(std::string_view text, std::ostream* out);
}

/// Every enumerator by its name.
template <typename Enum>
requires(std::is_enum_v<Enum>&& requires(Enum value) {
  { name_of(value) } -> std::convertible_to<std::string_view>;
}) void PrintTo(const Enum& value, std::ostream* out) {
  internal::print_text(name_of(value), out);
}

}  // namespace saga_harness
