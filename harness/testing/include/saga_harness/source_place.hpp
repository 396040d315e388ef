#pragma once

namespace saga_harness {

/// A line of a test: where it planned a fault or gave a name, so that a complaint about it points there.
struct SourcePlace {
  const char* file = "";
  int line = 0;

  /// As a default argument: the place of the caller (std::source_location is missing from clang 14).
  [[nodiscard]] static constexpr SourcePlace here(const char* file = __builtin_FILE(),
                                                  int line = __builtin_LINE()) noexcept {
    return {file, line};
  }
};

}  // namespace saga_harness
