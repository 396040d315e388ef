#pragma once

#include <gtest/gtest.h>  // first: rapidcheck/gtest.h uses it without including it

#if !__has_include(<rapidcheck.h>) || !__has_include(<rapidcheck/gtest.h>)
#error "saga_harness/rapidcheck.hpp needs RapidCheck with its extras for gtest (Debian: librapidcheck-dev)"
#endif

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <utility>

#include <saga_harness/printers.hpp>
#include <saga_harness/random_plans.hpp>

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
