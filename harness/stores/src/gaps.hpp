#pragma once

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/log_store.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {

/// The record at `position` is the next one. @throws Error if one before it is missing.
inline void expect_next(const StoredSaga& saga, std::int64_t position, std::string_view store) {
  if (position == static_cast<std::int64_t>(saga.records.size())) return;
  throw Error(
      ErrorText{.source = fmt::format("stored saga {}", internal::in_quotes(saga.head.saga_id)),
                .message = fmt::format("record {} of its log is missing in the {} store, and {} is there",
                                       saga.records.size() + 1, store, position + 1),
                .fix = "restore the log: without it nobody knows what was done"});
}

}  // namespace saga_harness
