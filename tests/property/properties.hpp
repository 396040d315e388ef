#pragma once

#include <saga_harness/rapidcheck.hpp>
#include <saga_harness/testing.hpp>

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

namespace saga_harness::property_test {

/// Checks a property on `cases` cases of sizes up to `max_size`. The same cases every time, unless RC_PARAMS
/// asks for others: `RC_PARAMS="seed=7"`. Other `part`, other cases.
template <class Property>
void check(int cases, int max_size, Property property, std::uint64_t part = 0) {
  constexpr int kOnlyIfUnset = 0;
  ::setenv("RC_PARAMS", "seed=2018", kOnlyIfUnset);
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.seed += part;
  params.maxSuccess = cases;
  params.maxSize = max_size;
  rc::detail::TestMetadata metadata;
  metadata.id = testing::UnitTest::GetInstance()->current_test_info()->name();
  const auto result = rc::detail::checkTestable(std::move(property), metadata, params);
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  FAIL() << message.str();
}

/// A search that must find nothing; what it finds goes into RapidCheck's log, smallest plan first.
inline void expect_no_violation(const Exploration& exploration) {
  for (const Finding& finding : exploration.findings) {
    RC_LOG() << id_of(finding.rule) << " under " << to_string(finding.plan) << ": " << finding.explanation
             << '\n';
  }
  RC_ASSERT(exploration.finds_no_violation());
  RC_ASSERT(exploration.exhausted);
  RC_ASSERT(exploration.undeclared.empty());
}

}  // namespace saga_harness::property_test
