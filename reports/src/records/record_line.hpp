#pragma once

#include <cstdint>

#include <saga_harness/run.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness::reports {

/// How the line of a run says what came of a rule.
[[nodiscard]] char letter_of(VerdictStatus status);

/// The id of a run of which nobody knows who was run: if it came out differently, it was somebody else.
[[nodiscard]] std::uint64_t id_by_result(std::uint64_t id, const Run& run);

}  // namespace saga_harness::reports
