// Participants that lack one guarantee at one step.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <saga_harness/error.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>

namespace saga_harness {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Scenario order() { return load_scenario(std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/order_processing.json"); }

std::string removal_refusal(std::string_view participant, const Scenario& scenario = order()) {
  try {
    (void)experiment(scenario, kReference, participant);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// The reply to the payment comes late for good, so that it is asked for again, and then for its undoing.
saga_harness::Run run_without(Guarantee guarantee, std::string_view step) {
  return run_plan(experiment(order(), kReference, reference_without(guarantee, step)),
                  parse_plan("process_payment#1..budget:reply_lost"));
}

std::vector<std::string> markers_of(const saga_harness::Run& run) {
  std::vector<std::string> markers;
  for (const Event& event : run.trace.events) {
    if (event.type == EventType::kMarked) markers.push_back(run.trace.texts[event.text]);
  }
  return markers;
}

TEST(GuaranteeRemovalsTest, AGuaranteeIsMissingAtItsStepAndNowhereElse) {
  EXPECT_EQ(reference_without(Guarantee::kDeduplicates, "process_payment"),
            "reference-without:deduplicates@process_payment");
  EXPECT_THAT(markers_of(run_without(Guarantee::kDeduplicates, "process_payment")), Contains("no_dedup"));
  EXPECT_THAT(markers_of(run_without(Guarantee::kDeduplicates, "create_order")), IsEmpty());
  EXPECT_THAT(markers_of(run_without(Guarantee::kTombstones, "process_payment")), IsEmpty());
}

TEST(GuaranteeRemovalsTest, AnotherStepOfTheSameServiceKeepsIt) {
  const auto run = [](std::string_view step) {
    return run_plan(experiment(order(), kReference, reference_without(Guarantee::kDeduplicates, step)),
                    parse_plan("confirm_order#1:reply_lost"));
  };
  EXPECT_THAT(markers_of(run("confirm_order")), Contains("no_dedup"));
  EXPECT_THAT(markers_of(run("create_order")), IsEmpty());
}

TEST(GuaranteeRemovalsTest, TheNameReplaysFromAToken) {
  const saga_harness::Run run = run_without(Guarantee::kDeduplicates, "process_payment");
  EXPECT_FALSE(run.upholds_all_invariants());
  const Token token = parse_token(run.token);
  EXPECT_EQ(participant_of(token, order()), "reference-without:deduplicates@process_payment");
  EXPECT_EQ(run_plan(experiment(order(), coordinator_of(token), participant_of(token, order())),
                     token.plan(SagaIndex(order().saga))),
            run);
}

TEST(GuaranteeRemovalsTest, BadNamesAreRefusedWithTheNearest) {
  EXPECT_THAT(removal_refusal("reference-without:tombstone@create_order"),
              HasSubstr("there is no guarantee \"tombstone\"; did you mean \"tombstones\"?"));
  EXPECT_THAT(removal_refusal("reference-without:tombstones@create_ordr"),
              HasSubstr("there is no step \"create_ordr\"; did you mean \"create_order\"?"));
  EXPECT_THAT(removal_refusal("reference-without:tombstones"),
              HasSubstr("write reference-without:GUARANTEE@STEP"));
  Scenario scenario = order();
  scenario.participants["order_service"].guarantees.tombstones = false;
  EXPECT_THAT(removal_refusal("reference-without:tombstones@create_order", scenario),
              HasSubstr("or they have it without"));
}

TEST(GuaranteeRemovalsTest, EveryGuaranteeOfEveryStepIsTakenAwayInTurn) {
  const std::vector<GuaranteeRemoval> all = guarantee_removals(order());
  ASSERT_THAT(all, SizeIs(5 * kGuaranteeCount));
  std::size_t possible = 0;
  for (const GuaranteeRemoval& removal : all) {
    if (!removal.impossible.empty()) {
      EXPECT_EQ(removal.step, "confirm_order");
      EXPECT_EQ(removal.impossible, "the step has no compensation");
      continue;
    }
    ++possible;
    EXPECT_EQ(removal.experiment.participant_name, reference_without(removal.guarantee, removal.step));
  }
  EXPECT_EQ(possible, 4 * kGuaranteeCount + 2);
  EXPECT_EQ(guarantee_removals(order(), "skips_first").front().experiment.coordinator_name, "skips_first");
}

TEST(GuaranteeRemovalsTest, WhatAScenarioDoesWithoutIsNotTakenAwayTwice) {
  Scenario scenario = order();
  scenario.participants["payment_service"].guarantees.deduplicates = false;
  const std::vector<GuaranteeRemoval> all = guarantee_removals(scenario);
  const auto found = std::find_if(all.begin(), all.end(), [](const GuaranteeRemoval& removal) {
    return removal.step == "process_payment" && removal.guarantee == Guarantee::kDeduplicates;
  });
  ASSERT_NE(found, all.end());
  EXPECT_EQ(found->impossible, "the scenario does without it already");
}

}  // namespace
}  // namespace saga_harness
