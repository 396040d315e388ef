// What depends on anything outside a run is caught, not reported as a violation that will not replay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exhaustive.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void expect_caught(const Experiment& experiment, const ExploreOptions& options) {
  const auto [message, code] = error_of([&] { return explore(experiment, options); });
  EXPECT_EQ(code, ExitCode::kInternal) << message;
  EXPECT_THAT(message, StartsWith("not deterministic: "));
  EXPECT_THAT(message, HasSubstr("A coordinator or participant depends on something outside the run"));
}

/// Does not pay in every `period`th run of its life, and says that all is done.
Coordinator forgetful(int period, std::shared_ptr<int> runs) {
  return [period, runs](Runtime& runtime) {
    const bool forgets = ++*runs % period == 0;
    const bool is_reserved = runtime.call({.service = "stock", .action = "reserve"}).ok();
    const bool is_paid = forgets || runtime.call({.service = "bank", .action = "pay"}).ok();
    if (is_reserved && is_paid) return runtime.report(Outcome::kCompleted);
    runtime.report(Outcome::kFlagged, std::vector<std::string_view>{"reserve", "pay"});
  };
}

/// One whose behaviour does not change, but what it says does.
Coordinator moody(std::shared_ptr<int> runs) {
  return [runs](Runtime& runtime) {
    static_cast<void>(runtime.call({.service = "stock", .action = "reserve"}));
    runtime.report(++*runs % 2 == 0 ? Outcome::kCompleted : Outcome::kFlagged);
  };
}

Experiment experiment_with(Coordinator coordinator) {
  Experiment experiment = subject(small_saga());
  experiment.setup.coordinator = std::move(coordinator);
  experiment.setup.durable = false;
  experiment.claims = {.names_flagged_steps = true};
  return experiment;
}

TEST(DeterminismTest, CatchesACoordinatorThatCountsItsRuns) {
  for (const int period : {2, 3, 5, 17}) {
    SCOPED_TRACE(period);
    expect_caught(experiment_with(forgetful(period, std::make_shared<int>())), {.max_faults = 2});
  }
}

TEST(DeterminismTest, CatchesItWhenStoppingAtTheFirstViolationToo) {
  for (const int period : {2, 3, 5}) {
    SCOPED_TRACE(period);
    expect_caught(experiment_with(forgetful(period, std::make_shared<int>())),
                  {.max_faults = 2, .stop_at_first_violation = true});
  }
}

TEST(DeterminismTest, CatchesItWithoutAnyFault) {
  expect_caught(experiment_with(forgetful(2, std::make_shared<int>())), {.max_faults = 0});
  expect_caught(experiment_with(moody(std::make_shared<int>())), {.max_faults = 0});
}

TEST(DeterminismTest, CatchesAParticipantThatCountsItsRequests) {
  for (const int period : {2, 3, 7, 40}) {
    SCOPED_TRACE(period);
    Experiment experiment = subject(small_saga());
    const auto requests = std::make_shared<int>();
    experiment.setup.participants["bank"] =
        participant_from([period, requests](const Delivery& delivery, EffectRecorder& recorder) {
          if (++*requests % period == 0) return Reply{ReplyStatus::kRejected};
          recorder.apply(delivery);
          return Reply{};
        });
    expect_caught(experiment, {.max_faults = 2});
  }
}

TEST(DeterminismTest, CatchesAParticipantThatForgetsToForget) {
  Experiment experiment = subject(small_saga());
  const auto known = std::make_shared<std::set<std::string>>();  // what a reset() ought to clear
  experiment.setup.participants["bank"] =
      participant_from([known](const Delivery& delivery, EffectRecorder& recorder) {
        if (known->emplace(delivery.idempotency_key).second) recorder.apply(delivery);
        return Reply{};
      });
  expect_caught(experiment, {.max_faults = 1});
}

TEST(DeterminismTest, CatchesAQuantityThatIsCarriedOver) {
  class Till final : public Participant {
   public:
    Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
      recorder.apply(delivery);
      ++coins_;
      return {};
    }
    [[nodiscard]] std::vector<Quantity> quantities() const override {
      return {{.name = "coins", .rule = QuantityRule::kRestored}};
    }
    void measure(std::vector<std::int64_t>& values) const override { values.push_back(coins_); }

   private:
    std::int64_t coins_ = 0;
  };
  Experiment experiment = subject(small_saga());
  experiment.setup.participants["bank"] = [] { return std::make_unique<Till>(); };
  expect_caught(experiment, {.max_faults = 0});
}

TEST(DeterminismTest, NamesThePlaceWhereItWentAnotherWay) {
  // Equal as long as nothing fails; then it goes a way that was not there before.
  const auto failures = std::make_shared<int>();
  const auto [message, code] = error_of([&] {
    return explore(experiment_with([failures](Runtime& runtime) {
                     if (!runtime.call({.service = "stock", .action = "reserve"}).ok() && ++*failures > 3) {
                       static_cast<void>(runtime.call({.service = "stock", .action = "release"}));
                     } else {
                       static_cast<void>(runtime.call({.service = "bank", .action = "pay"}));
                     }
                     runtime.report(Outcome::kFlagged);
                   }),
                   {.max_faults = 2});
  });
  EXPECT_EQ(code, ExitCode::kInternal);
  EXPECT_THAT(message, StartsWith("not deterministic: "));
  EXPECT_THAT(message, HasSubstr("reserve.action#1:"));
}

/// A search that has run once, was asked about both steps, and is to strike at the first one now.
Exhaustive search_about_to_strike(const SagaIndex& saga) {
  static constexpr Alternative kLost[] = {{.kind = FaultKind::kReplyLost}};
  static Units units({}, {}, nullptr);
  Exhaustive search(saga, {}, true, units);
  search.start_level(1);
  EXPECT_TRUE(search.next());
  EXPECT_EQ(search.pick({.step = 0}, kLost), 0U);
  EXPECT_EQ(search.pick({.step = 1}, kLost), 0U);
  search.finish();
  EXPECT_TRUE(search.next());
  return search;
}

TEST(DeterminismTest, ARunThatAsksSomethingElseIsCaught) {
  static constexpr Alternative kLost[] = {{.kind = FaultKind::kReplyLost}};
  const SagaIndex saga(small_saga());
  Exhaustive search = search_about_to_strike(saga);
  const auto [message, code] = error_of([&] { return search.pick({.step = 1}, kLost); });
  EXPECT_EQ(code, ExitCode::kInternal);
  EXPECT_THAT(
      message,
      StartsWith("not deterministic: the same choices led elsewhere, past reserve.action#1:reply_lost."));
}

TEST(DeterminismTest, ARunThatOffersLessIsCaught) {
  const SagaIndex saga(small_saga());
  Exhaustive search = search_about_to_strike(saga);
  EXPECT_EQ(error_of([&] { return search.pick({.step = 0}, {}); }).second, ExitCode::kInternal);
}

TEST(DeterminismTest, ARunThatEndsEarlyIsCaught) {
  const SagaIndex saga(small_saga());
  Exhaustive search = search_about_to_strike(saga);
  const auto [message, code] = error_of([&] {
    search.finish();
    return 0;
  });
  EXPECT_EQ(code, ExitCode::kInternal);
  EXPECT_THAT(message, HasSubstr("past reserve.action#1:reply_lost."));
}

TEST(DeterminismTest, WhatIsResetBetweenRunsIsNoMatter) {
  Experiment experiment = subject(small_saga());
  const auto requests = std::make_shared<int>();
  experiment.setup.participants["bank"] = participant_from(
      [requests](const Delivery& delivery, EffectRecorder& recorder) {
        if (++*requests % 3 == 0) return Reply{ReplyStatus::kRejected};
        recorder.apply(delivery);
        return Reply{};
      },
      [requests] { *requests = 0; });
  EXPECT_TRUE(explore(experiment, {.max_faults = 1}).exhausted);
}

}  // namespace
}  // namespace saga_harness::explore_test
