#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/call_matchers.hpp>
#include <saga_harness/choreography.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/fault_plans.hpp>
#include <saga_harness/harness.hpp>
#include <saga_harness/matchers.hpp>
#include <saga_harness/mock_participant.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/plans.hpp>
#include <saga_harness/printers.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/run_limit.hpp>
#include <saga_harness/runtime.hpp>
#include <saga_harness/test_recording.hpp>

/// All that a gtest file about a saga needs, with one include. Apart are RapidCheck,
/// saga_harness/rapidcheck.hpp, and what scenario files hold, saga_harness/scenario.hpp.
namespace saga_harness::internal {

/// Makes every mistake that a harness notices a failure of the current test, at the line that made it.
bool report_to_gtest();

inline const bool kReportsToGtest = report_to_gtest();

}  // namespace saga_harness::internal
