// Identical inputs give identical traces, whatever the engine did before.

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::ElementsAre;

/// Uses all that a coordinator has, with texts of its own making.
void busy(Runtime& runtime) {
  const std::string number = std::to_string(runtime.incarnation());
  runtime.append({.kind = LogKind::kNote, .note = runtime.text({"hello ", number})});
  const Pending pay = runtime.start({.service = "bank",
                                     .action = "pay",
                                     .idempotency_key = runtime.text({runtime.saga_id(), "/pay/", number})});
  const Pending ship = runtime.start({.service = "depot", .action = "ship", .idempotency_key = "ship"});
  const Pending both[] = {pay, ship};
  runtime.wait_any(both);
  runtime.wait(pay);
  if (!runtime.wait(ship).ok()) runtime.mark("not shipped");
  runtime.sleep(3ms);
  if (runtime.incarnation() == 2) throw std::runtime_error("tired");
  runtime.report(Outcome::kCompleted);
}

constexpr std::string_view kPlan =
    "pay:request_duplicated, ship:reply_late, ship@after_call:coordinator_crash, ship#2..heal:unavailable";

TEST(IdentityTest, TwoEnginesGiveTheSameTrace) {
  EngineFixture one(two_steps(), busy);
  EngineFixture other(two_steps(), busy);
  for (const std::string_view plan : {std::string_view("none"), kPlan}) {
    one.run(plan);
    other.run(plan);
    EXPECT_EQ(one.engine().trace(), other.engine().trace());
    EXPECT_EQ(one.lines(), other.lines());
    EXPECT_EQ(to_json(one.engine().trace(), one.saga()), to_json(other.engine().trace(), other.saga()));
  }
}

TEST(IdentityTest, AnEngineGivesTheSameTraceAfterOtherRuns) {
  EngineFixture fresh(two_steps(), busy);
  fresh.run(kPlan);
  EngineFixture used(two_steps(), busy);
  for (const std::string_view plan :
       {"ship#*:unavailable", "saga#1@after_note:coordinator_crash", "none", "pay:request_late_after_end"}) {
    used.run(plan);
    used.run(kPlan);
    EXPECT_EQ(used.engine().trace(), fresh.engine().trace()) << "after " << plan;
  }
}

TEST(IdentityTest, TextsOfATraceAreNumberedInTheOrderTheyAppear) {
  EngineFixture fixture(two_steps(), busy);
  fixture.run(kPlan);
  fixture.run("ship:rejected");
  EXPECT_THAT(fixture.engine().trace().texts,
              ElementsAre("", "hello 1", "shop-1/pay/1", "ship", "not shipped", "hello 2", "shop-1/pay/2",
                          "tired", "hello 3", "shop-1/pay/3"));
}

TEST(IdentityTest, TheTraceIsAValueOfItsOwn) {
  EngineFixture fixture(two_steps(), busy);
  fixture.run(kPlan);
  const Trace kept = fixture.engine().trace();
  const std::string text = to_string(kept, fixture.saga());
  fixture.run("ship:rejected");
  EXPECT_EQ(to_string(kept, fixture.saga()), text);
  EXPECT_NE(fixture.engine().trace(), kept);
}

TEST(IdentityTest, TheObservationSaysWhatTheTraceSays) {
  EngineFixture fixture(two_steps(), busy);
  const Observation& seen = fixture.run(kPlan);
  const Trace trace = fixture.engine().trace();
  ASSERT_EQ(seen.events.size(), trace.events.size());
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    Event event = seen.events[i];
    if (has_text(event)) {
      EXPECT_EQ(seen.texts[event.text], trace.texts[trace.events[i].text]);
      event.text = trace.events[i].text;
    }
    EXPECT_EQ(event, trace.events[i]);
  }
  EXPECT_EQ(seen.outcome, Outcome::kCompleted);
}

TEST(IdentityTest, AnEngineOffersTheSameInstantsInEveryRun) {
  // The last instant of a run has the time of the first of the next.
  EngineFixture fixture(two_steps(),
                        once([](Runtime& runtime) { runtime.append({.kind = LogKind::kStarted}); }));
  for (int run = 0; run < 2; ++run) {
    Recording choices(fixture.saga());
    fixture.run(choices);
    EXPECT_THAT(choices.asked, ElementsAre("saga#1@before_started", "saga#1@after_started")) << run;
  }
}

TEST(IdentityTest, ATraceMayBeOfAnyLength) {
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) {
                          const std::string_view both[] = {"ship", "pay"};
                          for (int i = 0; i < 3'000; ++i)
                            runtime.append({.note = runtime.text({std::to_string(i)})});
                          runtime.report(Outcome::kFlagged, both);
                        }));
  fixture.run();
  const Trace trace = fixture.engine().trace();
  ASSERT_EQ(fixture.count(EventType::kLogged), 3'000U);
  for (std::size_t i = 0; i < 3'000; ++i) {
    ASSERT_EQ(trace.events[i + 1].type, EventType::kLogged);
    ASSERT_EQ(trace.texts[trace.events[i + 1].text], std::to_string(i));
  }
  EXPECT_EQ(trace.events[3'002].step, 1U);
  EXPECT_EQ(trace.events[3'003].step, 0U);
}

TEST(IdentityTest, TheOutcomeIsUnresolvedAgainInTheNextRun) {
  bool reports = true;
  EngineFixture fixture(two_steps(), [&reports](Runtime& runtime) {
    if (reports) runtime.report(Outcome::kCompleted);
  });
  EXPECT_EQ(fixture.run().outcome, Outcome::kCompleted);
  reports = false;
  EXPECT_EQ(fixture.run().outcome, Outcome::kUnresolved);
}

TEST(IdentityTest, TheOutcomeIsTheLastOneReported) {
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) {
                          const std::string_view steps[] = {"ship", "pay"};
                          runtime.report(Outcome::kCompleted);
                          runtime.report(Outcome::kFlagged, steps);
                        }));
  EXPECT_EQ(fixture.run().outcome, Outcome::kFlagged);
  EXPECT_EQ(fixture.story(), R"(
0.000ms reported completed
0.000ms reported flagged
0.000ms reported_step ship
0.000ms reported_step pay
0.000ms returned
)");
}

}  // namespace
}  // namespace saga_harness
