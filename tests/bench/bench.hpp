#pragma once

#include <ctime>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <saga_harness/saga.hpp>

namespace saga_harness::bench {

/// Of processor time: a busy neighbour should not count.
inline double processor_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Function>
double best_seconds(int repeats, Function function) {
  double best = 1e300;
  for (int i = 0; i < repeats; ++i) {
    const double start = processor_seconds();
    function();
    best = std::min(best, processor_seconds() - start);
  }
  return best;
}

/// `steps` steps one after the other, two attempts each, all with a compensation.
inline Saga chain(int steps) {
  Saga saga{.name = "chain_of_" + std::to_string(steps)};
  for (int i = 0; i < steps; ++i) {
    saga.steps.push_back({.name = fmt::format("step_{}", i),
                          .service = fmt::format("service_{}", i % 4),
                          .compensation = fmt::format("undo_step_{}", i),
                          .retry = {.attempts = 2}});
  }
  return saga;
}

}  // namespace saga_harness::bench
