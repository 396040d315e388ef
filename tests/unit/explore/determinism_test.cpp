// What depends on anything outside a run is caught, not reported as a violation that will not replay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exhaustive.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

void expect_caught(const Experiment& experiment, const ExploreOptions& options) {
  const auto [message, code] = error_of([&] { return explore(experiment, options); });
  EXPECT_EQ(code, ErrorKind::kInternal) << message;
  EXPECT_THAT(message, StartsWith("not deterministic: "));
  EXPECT_THAT(message, HasSubstr("A coordinator or participant depends on something outside the run"));
}

/// Does not pay in every `period`th run of its life, and says that all is done.
Coordinator forgetful(int period, std::shared_ptr<int> runs) {
  return [period, runs](Runtime& runtime) {
    const bool forgets = ++*runs % period == 0;
    const bool is_reserved = runtime.call({.service = "stock", .action = "reserve"}).ok();
    const bool is_paid = is_reserved && (forgets || runtime.call({.service = "bank", .action = "pay"}).ok());
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

/// Does the same every time, with other data or another key: `{0}` stands for the number of the run.
Coordinator sends_its_number(std::string payload, std::string key = "k") {
  const auto runs = std::make_shared<int>();
  return [runs, payload, key](Runtime& runtime) {
    ++*runs;
    const auto filled = [&](std::string text) {
      const std::size_t at = text.find("{0}");
      return at == std::string::npos ? text : text.replace(at, 3, std::to_string(*runs));
    };
    const std::string sent = filled(payload);
    const std::string with_key = filled(key);
    const Reply reply =
        runtime.call({.service = "stock", .action = "reserve", .idempotency_key = with_key, .payload = sent});
    runtime.report(reply.ok() ? Outcome::kFlagged : Outcome::kCompensated,
                   std::vector<std::string_view>{"reserve"});
  };
}

constexpr const char* kNoError = "(no error)";

std::string said_of_payload(const std::string& payload, std::vector<std::string> volatile_fields = {}) {
  Experiment experiment = experiment_with(sends_its_number(payload));
  experiment.setup.volatile_fields = std::move(volatile_fields);
  return error_of([&] { return explore(experiment, {.max_faults = 0}); }).first;
}

TEST(DeterminismTest, CatchesDataThatDiffersFromRunToRun) {
  expect_caught(experiment_with(sends_its_number(R"({"request":{"id":{0}},"item":7})")), {.max_faults = 0});
  const std::string said = said_of_payload(R"({"request":{"id":{0}},"item":7})");
  EXPECT_THAT(said, HasSubstr("plan \"none\" sent other data when it was run again: \"0.000ms  sent"));
  EXPECT_THAT(said, HasSubstr("volatile_fields({\"/request/id\"})"));
  EXPECT_THAT(said, HasSubstr(R"({"request":{"id":2},"item":7} and then {"request":{"id":3},"item":7})"));
}

TEST(DeterminismTest, ShowsNoDataThatIsMasked) {
  Saga saga = small_saga();
  saga.mask = {"/item"};
  Experiment experiment = experiment_with(sends_its_number(R"({"request":{0},"item":"SECRET"})"));
  experiment.setup.saga = std::make_shared<const SagaIndex>(saga);
  const std::string said = error_of([&] { return explore(experiment, {.max_faults = 0}); }).first;
  EXPECT_THAT(said, HasSubstr(R"({"item":"***","request":2} and then {"item":"***","request":3})"));
}

TEST(DeterminismTest, DataThatIsTheSameIsNoMatter) {
  EXPECT_EQ(said_of_payload(R"({"request":{"id":1},"item":7})"), kNoError);
}

TEST(DeterminismTest, AFieldThatIsDeclaredVolatileMayDiffer) {
  EXPECT_EQ(said_of_payload(R"({"request":{"id":{0}},"item":7})", {"/request/id"}), kNoError);
  EXPECT_EQ(said_of_payload(R"({"items":[5,{0}]})", {"/items/1"}), kNoError);
}

TEST(DeterminismTest, AnotherFieldThanTheVolatileOneMayNot) {
  EXPECT_THAT(said_of_payload(R"({"request":{"id":{0}},"item":7})", {"/request/at", "/item"}),
              HasSubstr("they differ at /request/id"));
}

TEST(DeterminismTest, DataThatIsNoJsonIsComparedAsItIs) {
  EXPECT_THAT(said_of_payload("order {0}", {"/request"}), HasSubstr("carried order 2 and then order 3"));
}

TEST(DeterminismTest, DataThatIsOnlySometimesSentIsCaught) {
  const auto runs = std::make_shared<int>();
  const Experiment experiment = experiment_with([runs](Runtime& runtime) {
    const std::string_view payload = ++*runs % 2 == 0 ? std::string_view() : R"({"item":7})";
    static_cast<void>(runtime.call({.service = "stock", .action = "reserve", .payload = payload}));
    runtime.report(Outcome::kFlagged, std::vector<std::string_view>{"reserve"});
  });
  EXPECT_THAT(error_of([&] { return explore(experiment, {.max_faults = 0}); }).first,
              HasSubstr(R"(carried the saga's context and then {"item":7})"));
}

TEST(DeterminismTest, CatchesAKeyThatDiffersFromRunToRun) {
  const Experiment experiment = experiment_with(sends_its_number("{}", "key-{0}"));
  expect_caught(experiment, {.max_faults = 0});
  EXPECT_THAT(error_of([&] { return explore(experiment, {.max_faults = 0}); }).first,
              HasSubstr("key \"key-"));
}

TEST(DeterminismTest, APlanIsRunAgainWhereThatIsAskedForThoughItViolatesNothing) {
  Experiment experiment = experiment_with(sends_its_number(R"({"id":{0}})"));
  EXPECT_TRUE(run_plan(experiment, {}).upholds_all_invariants());
  EXPECT_THAT(error_of([&] { return run_plan(experiment, {}, RunAgain::kAlways); }).first,
              HasSubstr("they differ at /id"));
  experiment.setup.volatile_fields = {"/id"};
  EXPECT_TRUE(run_plan(experiment, {}, RunAgain::kAlways).upholds_all_invariants());
}

TEST(DeterminismTest, AVolatileFieldIsAJsonPointer) {
  EXPECT_THAT(said_of_payload("{}", {"id"}), HasSubstr("\"id\", which is no JSON pointer to a field"));
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
  EXPECT_EQ(code, ErrorKind::kInternal);
  EXPECT_THAT(message, StartsWith("not deterministic: "));
  EXPECT_THAT(message, HasSubstr("reserve.action#1:"));
}

/// Two services on a bus that several sagas share. For every second saga whose id holds `whose`, the first of
/// them does nothing.
Experiment on_a_shared_bus(std::string whose, int earlier, std::vector<Context> beside) {
  Experiment experiment;
  experiment.setup.saga =
      std::make_shared<const SagaIndex>(Saga{.name = "two",
                                             .steps = {{.name = "first",
                                                        .service = "a",
                                                        .compensatable = false,
                                                        .on_event = {"start"},
                                                        .emits = {.success = "first.done"}},
                                                       {.name = "second",
                                                        .service = "b",
                                                        .pivot = true,
                                                        .on_event = {"first.done"},
                                                        .emits = {.success = "second.done"}}},
                                             .choreography = Choreography{.starts_with = "start"}});
  experiment.setup.saga_id = "two-1";
  experiment.setup.earlier_sagas = earlier;
  experiment.setup.beside = std::move(beside);
  const auto told = std::make_shared<int>();
  experiment.setup.handlers = [told, whose = std::move(whose)](std::string_view) -> EventHandler {
    return [told, whose](const EventDelivery& event, HandlerContext& context) {
      const std::string inbox_key = std::string(context.saga_id()) + " " + std::string(event.event);
      if (context.knows(inbox_key)) return Handled::kDone;
      context.keep(inbox_key);
      const bool is_first = event.event == "start";
      const bool is_meant = is_first && context.saga_id().find(whose) != std::string_view::npos;
      if (!is_meant || ++*told % 2 != 0) static_cast<void>(context.perform());
      context.emit(
          {.event = is_first ? "first.done" : "second.done", .correlation_id = event.correlation_id});
      return Handled::kDone;
    };
  };
  for (const char* service : {"a", "b"}) experiment.setup.participants[service] = ledger_fake();
  return experiment;
}

TEST(DeterminismTest, CatchesASagaBesideThatDiffersFromRunToRun) {
  const auto searched = [](const std::string& whose) {
    return error_of([&] {
             return explore(on_a_shared_bus(whose, 0, {Context(), Context()}), {.max_faults = 0});
           })
        .first;
  };
  EXPECT_EQ(searched("nobody"), kNoError);
  EXPECT_THAT(searched("two-1-beside-2"),
              AllOf(StartsWith("not deterministic: plan \"none\" came out differently"),
                    HasSubstr("of the saga beside it (2) was")));
}

TEST(DeterminismTest, CatchesAnEarlierSagaThatDiffersFromRunToRun) {
  const auto searched = [](const std::string& whose) {
    return error_of([&] { return explore(on_a_shared_bus(whose, 2, {}), {.max_faults = 0}); }).first;
  };
  EXPECT_EQ(searched("nobody"), kNoError);
  EXPECT_THAT(searched("two-1-before-2"),
              StartsWith("not deterministic: the earlier saga 2 came out differently"));
}

TEST(DeterminismTest, CatchesAnEarlierSagaOfACoordinatorThatDiffersFromRunToRun) {
  const auto earlier = std::make_shared<int>();
  Experiment experiment = experiment_with([earlier](Runtime& runtime) {
    const bool is_earlier = runtime.saga_id().find("-before-") != std::string_view::npos;
    const bool is_other = is_earlier && ++*earlier % 2 == 0;
    static_cast<void>(runtime.call({.service = "stock", .action = is_other ? "release" : "reserve"}));
    runtime.report(Outcome::kFlagged, std::vector<std::string_view>{"reserve"});
  });
  experiment.setup.earlier_sagas = 1;
  EXPECT_THAT(error_of([&] { return explore(experiment, {.max_faults = 0}); }).first,
              StartsWith("not deterministic: the earlier saga 1 came out differently"));
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
  EXPECT_EQ(code, ErrorKind::kInternal);
  EXPECT_THAT(
      message,
      StartsWith("not deterministic: the same choices led elsewhere, past reserve.action#1:reply_lost."));
}

TEST(DeterminismTest, ARunThatOffersLessIsCaught) {
  const SagaIndex saga(small_saga());
  Exhaustive search = search_about_to_strike(saga);
  EXPECT_EQ(error_of([&] { return search.pick({.step = 0}, {}); }).second, ErrorKind::kInternal);
}

TEST(DeterminismTest, ARunThatEndsEarlyIsCaught) {
  const SagaIndex saga(small_saga());
  Exhaustive search = search_about_to_strike(saga);
  const auto [message, code] = error_of([&] {
    search.finish();
    return 0;
  });
  EXPECT_EQ(code, ErrorKind::kInternal);
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
