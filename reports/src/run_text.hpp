#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/reports.hpp>

#include "drawing.hpp"

namespace saga_harness::reports {

[[nodiscard]] Ink ink_of(VerdictStatus status);
[[nodiscard]] std::string_view word_for(QuantityRule rule);

/// The trace, a line per event; the events at the positions in `evidence` are marked with `>`.
[[nodiscard]] std::string draw_trace(const Trace& trace, const SagaIndex& saga,
                                     const std::vector<std::uint32_t>& evidence, const Style& style);

/// A test to paste.
[[nodiscard]] std::string draw_test(std::string_view gtest_case);

/// What every participant did, from its own books.
[[nodiscard]] std::string draw_ledger(const Ledger& ledger, const SagaIndex& saga, const Style& style);

}  // namespace saga_harness::reports
