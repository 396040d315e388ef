#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <saga_harness/error.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {

/// The name at an enumerator's place in a table of names.
template <std::size_t kCount, typename Enum>
[[nodiscard]] std::string_view name_in(const std::array<std::string_view, kCount>& names, Enum value) {
  const auto place = static_cast<std::size_t>(value);
  return place < kCount ? names[place] : std::string_view("?");
}

/// The enumerator that has this name. `what` is what an error calls it ("fault kind").
/// @throws Error with the nearest name.
template <typename Enum, std::size_t kCount>
[[nodiscard]] Enum value_in(const std::array<std::string_view, kCount>& names, std::string_view name,
                            std::string_view what) {
  for (std::size_t place = 0; place < kCount; ++place) {
    if (names[place] == name) return static_cast<Enum>(place);
  }
  throw Error(
      {.message = "there is no " + std::string(what) + " " + in_quotes(name), .fix = name_fix(name, names)});
}

}  // namespace saga_harness::internal
