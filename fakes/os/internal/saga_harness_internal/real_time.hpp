#pragma once

#include <chrono>

namespace saga_harness::os {

/// What runs in another process lives in real time. Nothing of it reaches a verdict but what says so.
using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

}  // namespace saga_harness::os
