// A participant that dies between two transactions of one request: what it has kept stays, the rest is never
// done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using testing::ElementsAre;
using testing::HasSubstr;

/// Takes effect between two transactions, and counts what becomes of it.
class InThree final : public Participant {
 public:
  struct Seen {
    int asked = 0;
    int crashed = 0;
    int ended = 0;
  };
  explicit InThree(Seen& seen, bool catches = false) : seen_(seen), catches_(catches) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    ++seen_.asked;
    try {
      recorder.commit(delivery);
    } catch (...) {
      if (!catches_) throw;
    }
    recorder.apply(delivery);
    recorder.commit(delivery);
    ++seen_.ended;
    return {};
  }
  void crash() override { ++seen_.crashed; }

 private:
  Seen& seen_;
  bool catches_;
};

struct Asked {
  InThree::Seen seen = {};
  std::vector<ReplyStatus> answers = {};
  int applied = 0;
};

/// Asks until it is answered with success, at most three times.
Asked asked(std::string_view plan, bool catches = false) {
  Asked result;
  EngineFixture fixture(one_step(), once([&](Runtime& runtime) {
                          do {
                            result.answers.push_back(runtime.call(kPay).status);
                          } while (result.answers.back() != ReplyStatus::kOk && result.answers.size() < 3);
                        }),
                        [&] { return std::make_unique<InThree>(result.seen, catches); });
  result.applied = static_cast<int>(fixture.run(plan).effects[0].applied);
  return result;
}

TEST(ParticipantTransactionsTest, WithoutAFaultNothingStrikes) {
  const Asked result = asked("none");
  EXPECT_THAT(result.answers, ElementsAre(ReplyStatus::kOk));
  EXPECT_EQ(result.seen.ended, 1);
  EXPECT_EQ(result.seen.crashed, 0);
}

TEST(ParticipantTransactionsTest, WhatFollowsADeathIsNeverDoneAndTheConnectionIsReset) {
  const Asked before = asked("pay@commit:participant_crash_between");
  EXPECT_THAT(before.answers, ElementsAre(ReplyStatus::kError, ReplyStatus::kOk));
  EXPECT_EQ(before.applied, 1);
  EXPECT_EQ(before.seen.crashed, 1);
  const Asked after = asked("pay#2@commit:participant_crash_between");
  EXPECT_THAT(after.answers, ElementsAre(ReplyStatus::kError, ReplyStatus::kOk));
  EXPECT_EQ(after.applied, 2) << "what was kept stays, and this one knows nobody again";
  EXPECT_EQ(after.seen.ended, 1);
}

TEST(ParticipantTransactionsTest, TransactionsAreCountedOverTheRun) {
  const Asked result =
      asked("pay#2@commit:participant_crash_between, pay#4@commit:participant_crash_between");
  EXPECT_THAT(result.answers, ElementsAre(ReplyStatus::kError, ReplyStatus::kError, ReplyStatus::kOk));
  EXPECT_EQ(result.seen.crashed, 2);
  EXPECT_EQ(result.applied, 3);
}

TEST(ParticipantTransactionsTest, OneThatCatchesItsDeathDoesNothingAnyMore) {
  const Asked result = asked("pay@commit:participant_crash_between", true);
  EXPECT_THAT(result.answers, ElementsAre(ReplyStatus::kError, ReplyStatus::kOk));
  EXPECT_EQ(result.applied, 1);
  EXPECT_EQ(result.seen.ended, 1);
}

TEST(ParticipantTransactionsTest, ADeathIsNoAnswerWhateverElseStrikes) {
  const Asked result = asked("pay:error_after_effect, pay#2@commit:participant_crash_between");
  EXPECT_EQ(result.seen.crashed, 1);
  EXPECT_EQ(result.answers.front(), ReplyStatus::kError);
}

TEST(ParticipantTransactionsTest, ACopyCanDieOfItToo) {
  const Asked result = asked("pay:request_duplicated, pay#3@commit:participant_crash_between");
  EXPECT_THAT(result.answers, ElementsAre(ReplyStatus::kOk));
  EXPECT_EQ(result.seen.crashed, 1);
  EXPECT_EQ(result.applied, 1);
}

TEST(ParticipantTransactionsTest, TheTraceSaysWhereItDied) {
  InThree::Seen seen;
  EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }),
                        [&] { return std::make_unique<InThree>(seen); });
  EXPECT_THAT(fixture.story("pay#2@commit:participant_crash_between"),
              HasSubstr("fault participant_crash_between at pay.action#2@commit"));
}

}  // namespace
}  // namespace saga_harness
