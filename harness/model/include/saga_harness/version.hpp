#pragma once

#include <string_view>

/// The version of saga-harness. This is the one place where it stands: the build reads it from here.
#define SAGA_HARNESS_VERSION_MAJOR 0
#define SAGA_HARNESS_VERSION_MINOR 1
#define SAGA_HARNESS_VERSION_PATCH 0

/// One number to compare with: `#if SAGA_HARNESS_VERSION >= 200` asks for 0.2.0 or newer.
#define SAGA_HARNESS_VERSION \
  (SAGA_HARNESS_VERSION_MAJOR * 10000 + SAGA_HARNESS_VERSION_MINOR * 100 + SAGA_HARNESS_VERSION_PATCH)

#define SAGA_HARNESS_INTERNAL_TEXT(x) #x
#define SAGA_HARNESS_INTERNAL_DOTTED(a, b, c) \
  SAGA_HARNESS_INTERNAL_TEXT(a) "." SAGA_HARNESS_INTERNAL_TEXT(b) "." SAGA_HARNESS_INTERNAL_TEXT(c)

namespace saga_harness {

/// Of the headers, as text: `0.1.0`.
inline constexpr std::string_view kVersion = SAGA_HARNESS_INTERNAL_DOTTED(
    SAGA_HARNESS_VERSION_MAJOR, SAGA_HARNESS_VERSION_MINOR, SAGA_HARNESS_VERSION_PATCH);

/// Of the library that is linked. Where it is not kVersion, headers and library do not belong together.
[[nodiscard]] std::string_view library_version();

}  // namespace saga_harness
