#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <saga_harness/error.hpp>

namespace saga_harness::fuzz {

/// Each file `NAME_fuzz.cpp` defines this: one target. Bad input is answered with an Error and with nothing
/// else: any other exception, a failed require() or a sanitizer's report ends the process.
void try_input(std::string_view input);

/// Ends the process, saying what does not hold, unless `holds`.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// What `work` returns; nothing if it met an Error, which must be a usage error and say something.
template <class Work>
auto accepted(Work work) -> std::optional<decltype(work())> {
  try {
    return work();
  } catch (const Error& error) {
    require(error.what()[0] != '\0', "an error says what is wrong");
    require(error.kind() == ErrorKind::kMisuse, "bad input is a usage error");
    return std::nullopt;
  }
}

}  // namespace saga_harness::fuzz
