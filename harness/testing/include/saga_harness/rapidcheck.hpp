#pragma once

#include <gtest/gtest.h>  // first: rapidcheck/gtest.h uses it without including it

#if !__has_include(<rapidcheck.h>) || !__has_include(<rapidcheck/gtest.h>)
#error "saga_harness/rapidcheck.hpp needs RapidCheck with its extras for gtest (Debian: librapidcheck-dev)"
#endif

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/harness.hpp>
#include <saga_harness/printers.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/upheld.hpp>

/// RapidCheck generators of sagas and fault plans, and all that a gtest file of properties needs of
/// RapidCheck. Inside a property use RC_ASSERT: EXPECT_* is neither seen nor shrunk there.
namespace saga_harness::gen {

/// Legal plans of up to `max_faults` faults, with a shrinker that ends at a plan of which every part is
/// needed. Meant for SagaTestHarness::run(), which does not mind faults that never strike.
[[nodiscard]] inline rc::Gen<FaultPlan> fault_plan(const Saga& of, FaultPlanOptions options = {}) {
  auto source = std::make_shared<const PlanSource>(of, std::move(options));
  return {[source = std::move(source)](const rc::Random& seed, int /*size*/) {
    rc::Random random = seed;
    return rc::shrinkable::shrinkRecur(
        source->draw([&random] { return random.next(); }),
        [source](const FaultPlan& plan) { return rc::seq::fromContainer(source->simpler(plan)); });
  }};
}

/// Valid definitions of up to `max_steps` steps, with a shrinker to fewer and plainer steps.
[[nodiscard]] inline rc::Gen<Saga> saga(SagaOptions options = {}) {
  return {[options](const rc::Random& seed, int size) {
    rc::Random random = seed;
    return rc::shrinkable::shrinkRecur(
        draw_saga(
            options, [&random] { return random.next(); }, size),
        [](const Saga& drawn) { return rc::seq::fromContainer(simpler_sagas(drawn)); });
  }};
}

}  // namespace saga_harness::gen

namespace saga_harness {
namespace internal {

/// Judges what `run` returns. A subject that does not do the same twice has no counterexample: its cases are
/// discarded, and RapidCheck gives up with that reason.
template <typename RunIt>
[[nodiscard]] Upheld upheld_or_discarded(const Experiment& subject, RunIt run) {
  using rc::detail::CaseResult;
  const testing::TestInfo* info = testing::UnitTest::GetInstance()->current_test_info();
  const std::string test =
      info == nullptr ? std::string() : std::string(info->test_suite_name()) + "." + info->name();
  if (const std::string* why = known_nondeterminism(test, subject))
    throw CaseResult(CaseResult::Type::Discard, *why);
  try {
    return Upheld(run());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInternal) throw;
    throw CaseResult(CaseResult::Type::Discard, note_nondeterminism(test, subject, error.what()));
  }
}

}  // namespace internal

/// Inside a property: `RC_ASSERT(upheld(harness, plan))`. If it fails, RapidCheck shows each rule that is
/// violated, the events, plan and token. A subject that draws at random, or depends on anything else outside
/// the run, is told so instead of being shown with a plan that proves nothing.
[[nodiscard]] inline Upheld upheld(SagaTestHarness& harness, const FaultPlan& plan) {
  return internal::upheld_or_discarded(harness.experiment(), [&] { return harness.run(plan); });
}
[[nodiscard]] inline Upheld upheld(const Experiment& subject, const FaultPlan& plan) {
  return internal::upheld_or_discarded(subject, [&] { return run_plan(subject, plan, RunAgain::kAlways); });
}

}  // namespace saga_harness
