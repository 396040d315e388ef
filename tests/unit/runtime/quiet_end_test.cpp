// A coordinator that is not unwound when it crashes, but looks whether it has ended.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;

const char* const kCrashes[] = {"saga@before_started", "saga@after_started", "pay@before_call",
                                "pay@after_call",      "saga@before_end",    "saga@after_end"};

/// Does the same whether it is unwound or not.
Coordinator short_saga(bool is_quiet) {
  return [is_quiet](Runtime& runtime) {
    if (is_quiet) runtime.end_quietly();
    if (!runtime.records().empty()) return;
    runtime.append({.kind = LogKind::kStarted});
    if (runtime.has_ended()) return;
    const Pending pending = runtime.start(kPay);
    if (runtime.has_ended()) return;
    static_cast<void>(runtime.wait(pending));
    if (runtime.has_ended()) return;
    runtime.append({.kind = LogKind::kEnd, .outcome = Outcome::kCompleted});
    if (runtime.has_ended()) return;
    runtime.report(Outcome::kCompleted);
  };
}

TEST(QuietEndTest, LeavesTheSameTraceAsBeingUnwound) {
  for (const std::string crash : kCrashes) {
    EngineFixture loud(one_step(), short_saga(false));
    loud.run(crash + ":coordinator_crash");
    EngineFixture quiet(one_step(), short_saga(true));
    quiet.run(crash + ":coordinator_crash");
    EXPECT_EQ(quiet.count(EventType::kCrashed), 1U) << crash;
    EXPECT_EQ(quiet.engine().trace(), loud.engine().trace()) << crash;
  }
}

TEST(QuietEndTest, WhoAsksForMoreIsUnwoundAfterAll) {
  bool went_on = false;
  EngineFixture fixture(one_step(), [&went_on](Runtime& runtime) {
    runtime.end_quietly();
    if (!runtime.records().empty()) return;
    runtime.append({.kind = LogKind::kStarted});
    went_on = runtime.has_ended();
    runtime.append({.kind = LogKind::kNote, .note = "from the grave"});
    FAIL() << "its incarnation has ended";
  });
  fixture.run("saga@after_started:coordinator_crash");
  EXPECT_TRUE(went_on);
  EXPECT_EQ(fixture.count(EventType::kLogged), 1U);
}

TEST(QuietEndTest, AnIncarnationThatLivesHasNotEnded) {
  std::vector<bool> ended;
  EngineFixture fixture(one_step(), [&ended](Runtime& runtime) {
    runtime.end_quietly();
    runtime.append({.kind = LogKind::kStarted});
    ended.push_back(runtime.has_ended());
  });
  fixture.run();
  for (const bool has_ended : ended) EXPECT_FALSE(has_ended);
  EXPECT_FALSE(ended.empty());
}

TEST(RuntimeKeyTest, IsOfTheSagaTheStepAndTheOperation) {
  std::vector<std::string> keys;
  EngineFixture fixture(one_step(), [&keys](Runtime& runtime) {
    keys.emplace_back(runtime.key({0, Operation::kAction}));
    keys.emplace_back(runtime.key({0, Operation::kCompensation}));
    EXPECT_EQ(runtime.key({0, Operation::kAction}), runtime.text({runtime.saga_id(), "/pay/action"}));
  });
  fixture.run();
  ASSERT_GE(keys.size(), 2U);
  EXPECT_NE(keys[0], keys[1]);
}

TEST(RuntimeKeyTest, OfAStepThatIsNotThereIsAMisuse) {
  EngineFixture fixture(one_step(), [](Runtime& runtime) { static_cast<void>(runtime.key({7, {}})); });
  EXPECT_THROW(fixture.run(""), Error);
}

}  // namespace
}  // namespace saga_harness
