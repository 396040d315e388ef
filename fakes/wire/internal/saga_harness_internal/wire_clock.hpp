#pragma once

#include <chrono>

namespace saga_harness::wire {

/// What carries requests lives in real time.
using Clock = std::chrono::steady_clock;

}  // namespace saga_harness::wire
