#include <chrono>
#include <saga_harness/replay.hpp>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "subjects.hpp"

namespace saga_harness {
namespace {

using explore_test::error_of;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Hands every call what is left of 15 s by its clock, which may be less than nothing once the clock has
// jumped.
Experiment hands_over_what_is_left() {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(
      Saga{.name = "order",
           .steps = {{.name = "a", .service = "s", .compensation = "undo_a"},
                     {.name = "b", .service = "s", .compensation = "undo_b"}}});
  experiment.setup.participants["s"] = ledger_fake();
  experiment.setup.durable = false;
  experiment.claims = {};
  experiment.setup.coordinator = [](Runtime& runtime) {
    const auto end = runtime.now() + std::chrono::seconds(15);
    for (const std::string_view action : {"a", "b"}) {
      const Reply reply = runtime.call({.service = "s", .action = action, .timeout = end - runtime.now()});
      if (!reply.ok()) return runtime.report(Outcome::kFlagged);
    }
    runtime.report(Outcome::kCompleted);
  };
  return experiment;
}

TEST(MisuseUnderAPlanTest, NamesThePlanInASearch) {
  const auto [message, kind] = error_of([] { return explore(hands_over_what_is_left(), {.max_faults = 1}); });
  EXPECT_THAT(message, StartsWith("under the plan a.action#1@during_call:clock_forward: "));
  EXPECT_THAT(message, HasSubstr("Request::timeout"));
  EXPECT_EQ(kind, ErrorKind::kMisuse);
}

TEST(MisuseUnderAPlanTest, NamesThePlanInARunOfIt) {
  const FaultPlan plan = parse_plan("a#1@during_call:clock_forward");
  const auto [message, kind] = error_of([&] { return run_plan(hands_over_what_is_left(), plan); });
  EXPECT_THAT(message, StartsWith("under the plan a.action#1@during_call:clock_forward: "));
  EXPECT_EQ(kind, ErrorKind::kMisuse);
}

TEST(MisuseUnderAPlanTest, NamesALastingFaultOnce) {
  Experiment experiment = hands_over_what_is_left();
  experiment.setup.coordinator = [](Runtime& runtime) {
    for (int attempt = 0; attempt < 3; ++attempt)
      static_cast<void>(runtime.call({.service = "s", .action = "a"}));
    static_cast<void>(runtime.call({.service = "s", .action = "no such action"}));
  };
  const auto [message, kind] = error_of([&] { return run_plan(experiment, parse_plan("a#*:unavailable")); });
  EXPECT_THAT(message, StartsWith("under the plan a.action#*:unavailable: "));
}

TEST(MisuseUnderAPlanTest, NamesNoPlanWhereNothingStruck) {
  Experiment experiment = hands_over_what_is_left();
  experiment.setup.coordinator = [](Runtime& runtime) {
    static_cast<void>(runtime.call({.service = "s", .action = "no such action"}));
  };
  const auto [message, kind] = error_of([&] { return explore(experiment, {.max_faults = 1}); });
  EXPECT_THAT(message, Not(HasSubstr("under the plan")));
  EXPECT_THAT(message, HasSubstr("no such action"));
}

TEST(ReplyTest, OwnsItsBody) {
  Experiment experiment = hands_over_what_is_left();
  const std::string text(200, 'x');
  experiment.setup.participants["s"] = participant_from([&text](const Delivery& delivery, auto& ledger) {
    ledger.apply(delivery);
    std::string body = '"' + text + '"';
    return Reply{.body = body};  // `body` is gone when this returns
  });
  Reply kept;
  experiment.setup.coordinator = [&kept](Runtime& runtime) {
    kept = runtime.call({.service = "s", .action = "a"});
    runtime.report(Outcome::kFlagged);
  };
  static_cast<void>(run_plan(experiment, {}));  // and the engine, when this does
  EXPECT_EQ(kept.body, '"' + text + '"');
}

}  // namespace
}  // namespace saga_harness
