#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <saga_harness/saga.hpp>

namespace saga_harness::internal {

/// Direct predecessors of each step, by number. Names in `after` that no step has are left out.
[[nodiscard]] std::vector<std::vector<std::uint16_t>> predecessors_of(const Saga& saga);

/// A stable topological order: predecessors first, definition order among equals. Shorter than the saga if
/// steps wait for each other.
[[nodiscard]] std::vector<std::uint16_t> topological_order(
    const std::vector<std::vector<std::uint16_t>>& predecessors);

/// `a * steps + b` is 1 if `a` must be done before `b` starts. `order` must be complete.
[[nodiscard]] std::vector<std::uint8_t> precedence(
    const std::vector<std::vector<std::uint16_t>>& predecessors, const std::vector<std::uint16_t>& order);

/// Steps that wait for each other: each after the next, the last after the first. Empty if there are none.
[[nodiscard]] std::vector<std::uint16_t> find_cycle(
    const std::vector<std::vector<std::uint16_t>>& predecessors, const std::vector<std::uint16_t>& order);

}  // namespace saga_harness::internal
