#pragma once

#include <string_view>

#include <saga_harness/token.hpp>

namespace saga_harness::internal {

inline constexpr std::string_view kTokenV1 = "sh1-";

/// A token of the first version, which held names: read for as long as there are bug reports that have one.
/// @throws Error that says what is wrong with it.
[[nodiscard]] Token parse_token_v1(std::string_view text);

/// Tags of names: of subjects, of steps, of instants and fault kinds.
inline constexpr int kSubjectBits = 18;
inline constexpr int kStepBits = 16;
[[nodiscard]] std::uint32_t name_tag(std::string_view name, int bits) noexcept;

}  // namespace saga_harness::internal
