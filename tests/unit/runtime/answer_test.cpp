// What a caller is told, and what is really done, where a participant or its answer fails in other ways than
// by silence.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The reply to one `pay` under `plan`; whether it took effect.
struct Told {
  ReplyStatus status = ReplyStatus::kTimeout;
  std::string body = {};
  std::string correlation_id = {};
  Duration retry_after = {};
  std::uint32_t applied = 0;
};
Told told(std::string_view plan, const ParticipantFactory& participant = participant_from(naive)) {
  Told told;
  EngineFixture fixture(
      one_step(), once([&told](Runtime& runtime) {
        Request request = kPay;
        request.correlation_id = runtime.correlation_id();
        const Reply reply = runtime.call(request);
        told = {reply.status, std::string(reply.body), std::string(reply.correlation_id), reply.retry_after};
      }),
      participant);
  told.applied = fixture.run(plan).effects[0].applied;
  return told;
}

TEST(AnswerTest, RefusalsAreToldApartAndNothingIsDone) {
  for (const auto& [kind, status] : std::vector<std::pair<std::string, ReplyStatus>>{
           {"rejected", ReplyStatus::kRejected},
           {"unauthorized", ReplyStatus::kUnauthorized},
           {"conflict", ReplyStatus::kConflict},
           {"unavailable", ReplyStatus::kUnavailable},
           {"rate_limited", ReplyStatus::kRateLimited},
           {"participant_crash_before", ReplyStatus::kError},
           {"reply_corrupt_without_effect", ReplyStatus::kCorrupt}}) {
    const Told now = told("pay:" + kind);
    EXPECT_EQ(now.status, status) << kind;
    EXPECT_EQ(now.applied, 0U) << kind;
  }
}

TEST(AnswerTest, ARefusalInTheBodyBearsAStatusOfSuccess) {
  const Told now = told("pay:rejected_in_body");
  EXPECT_EQ(now.status, ReplyStatus::kOk);
  EXPECT_TRUE(says_failure(now.body));
  EXPECT_EQ(now.applied, 0U);
}

TEST(AnswerTest, TheTraceSaysWhatAnAnswerMeans) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }));
  EXPECT_THAT(fixture.story("pay:rejected_in_body"), HasSubstr("received pay.action#1 rejected\n"));
  EXPECT_THAT(fixture.story("pay:reply_mismatched"), HasSubstr("received pay.action#1 mismatched\n"));
  EXPECT_THAT(fixture.story("pay:reply_corrupt"), HasSubstr("received pay.action#1 corrupt\n"));
  EXPECT_THAT(fixture.story("pay:reply_corrupt"), HasSubstr("answered pay.action#1 ok\n"));
}

TEST(AnswerTest, AParticipantsOwnFailureInTheBodyMeansARejectionToo) {
  EngineFixture fixture(
      one_step(), once([](Runtime& runtime) { EXPECT_EQ(runtime.call(kPay).status, ReplyStatus::kOk); }),
      participant_from([](const Delivery&, EffectRecorder&) {
        return Reply{ReplyStatus::kOk, R"({"success":false})"};
      }));
  EXPECT_THAT(fixture.story("none"), HasSubstr("received pay.action#1 rejected\n"));
}

TEST(AnswerTest, ACorruptAnswerHidesAnEffect) {
  const Told now = told("pay:reply_corrupt");
  EXPECT_EQ(now.status, ReplyStatus::kCorrupt);
  EXPECT_EQ(now.applied, 1U);
}

TEST(AnswerTest, AMismatchedAnswerIsASuccessOfSomebodyElse) {
  const Told now = told("pay:reply_mismatched");
  EXPECT_EQ(now.status, ReplyStatus::kOk);
  EXPECT_NE(now.correlation_id, "shop-1");
  EXPECT_EQ(now.applied, 0U);
  EXPECT_EQ(told("none").correlation_id, "shop-1");
}

TEST(AnswerTest, ADuplicatedAnswerIsHeardOnce) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          EXPECT_TRUE(runtime.call(kPay).ok());
                          runtime.sleep(20ms);
                        }));
  EXPECT_EQ(fixture.run("pay:reply_duplicated").effects[0].applied, 1U);
  EXPECT_EQ(fixture.count(EventType::kReceived), 1U);
  EXPECT_EQ(fixture.count(EventType::kDropped), 1U);
}

TEST(AnswerTest, ARateLimitTurnsAwayWhatComesBeforeItsTime) {
  std::vector<ReplyStatus> statuses;
  std::vector<Duration> waits;
  EngineFixture fixture(one_step(), once([&](Runtime& runtime) {
                          for (const Duration pause : {0ms, 500ms, 1600ms}) {
                            runtime.sleep(pause);
                            const Reply reply = runtime.call(kPay);
                            statuses.push_back(reply.status);
                            waits.push_back(reply.retry_after);
                          }
                        }));
  EXPECT_EQ(fixture.run("pay:rate_limited").effects[0].applied, 1U);
  EXPECT_THAT(statuses, ElementsAre(ReplyStatus::kRateLimited, ReplyStatus::kRateLimited, ReplyStatus::kOk));
  EXPECT_EQ(waits[0], 2s);
  EXPECT_EQ(waits[1], 2s - 502ms);
  EXPECT_EQ(waits[2], 0s);
}

/// Counts what happens to it.
class Mortal final : public Participant {
 public:
  explicit Mortal(std::vector<std::string>& story) : story_(story) {}
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    story_.emplace_back("handles");
    return naive(delivery, recorder);
  }
  void crash() override { story_.emplace_back("crashes"); }
  void forget() override { story_.emplace_back("forgets"); }
  void restore() override { story_.emplace_back("is restored"); }

 private:
  std::vector<std::string>& story_;
};

std::vector<std::string> life_under(std::string_view plan) {
  std::vector<std::string> story;
  told(plan, [&story] { return std::make_unique<Mortal>(story); });
  return story;
}

TEST(AnswerTest, AParticipantCrashesBeforeOrAfterItsWork) {
  EXPECT_THAT(life_under("pay:participant_crash_before"), ElementsAre("crashes"));
  EXPECT_THAT(life_under("pay:participant_crash_after"), ElementsAre("handles", "crashes"));
  EXPECT_EQ(told("pay:participant_crash_after").status, ReplyStatus::kError);
  EXPECT_EQ(told("pay:participant_crash_after").applied, 1U);
}

TEST(AnswerTest, AParticipantForgetsJustBeforeItIsAsked) {
  EXPECT_THAT(life_under("pay:participant_forgets"), ElementsAre("forgets", "handles"));
  EXPECT_TRUE(told("pay:participant_forgets").status == ReplyStatus::kOk);
}

TEST(AnswerTest, AParticipantIsRestoredJustBeforeItIsAskedAndHasDoneNothingOfItsService) {
  EXPECT_THAT(life_under("pay:participant_restored"), ElementsAre("is restored", "handles"));
  EXPECT_EQ(told("pay:participant_restored").applied, 1U);
  Saga saga = two_steps();
  saga.steps[1].service = saga.steps[0].service;
  EngineFixture fixture(saga, once([](Runtime& runtime) {
                          for (const Step& step : runtime.saga().steps)
                            runtime.call({.service = step.service, .action = step.name});
                        }));
  fixture.run("ship:participant_restored");
  EXPECT_EQ(fixture.engine().ledger().effects, (std::vector<Effect>{Effect{}, Effect{.applied = 1}}));
}

TEST(AnswerTest, AReorderedRequestComesAfterTheNextOne) {
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) {
                          const Pending first = runtime.start(kPay);
                          const Pending second = runtime.start(kShip);
                          runtime.wait(first);
                          runtime.wait(second);
                        }));
  const std::string story = fixture.story("pay:request_reordered");
  EXPECT_LT(story.find("delivered ship.action#1"), story.find("delivered pay.action#1"));
  EXPECT_THAT(story, HasSubstr("received pay.action#1 ok"));
}

TEST(AnswerTest, AReorderedRequestWithoutASuccessorComesAtTheEnd) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) { runtime.call(kPay); }));
  EXPECT_THAT(fixture.story("pay:request_reordered"), Not(HasSubstr("delivered")));
  EXPECT_THAT(fixture.epilogue(), HasSubstr("delivered pay.action#1"));
}

TEST(AnswerTest, ADelayPastTheDeadlineEndsJustBehindIt) {
  Saga saga = one_step();
  saga.deadline = 1s;
  saga.steps[0].timeout = 10s;
  Time answered = {};
  EngineFixture fixture(saga, once([&answered](Runtime& runtime) {
                          runtime.append({.kind = LogKind::kStarted});
                          EXPECT_TRUE(runtime.call(kPay).ok());
                          answered = runtime.now();
                        }));
  fixture.run("pay:delay_past_deadline");
  EXPECT_EQ(answered, Time(1s + 1us));
}

TEST(ContextTest, TravelsToTheParticipantAndBack) {
  std::string seen;
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          Request request = kPay;
                          request.correlation_id = runtime.correlation_id();
                          request.auth_token = runtime.auth_token();
                          EXPECT_EQ(runtime.call(request).correlation_id, "shop-1");
                        }),
                        participant_from([&seen](const Delivery& delivery, EffectRecorder&) {
                          seen =
                              std::string(delivery.correlation_id) + " " + std::string(delivery.auth_token);
                          return Reply{};
                        }));
  fixture.run();
  EXPECT_EQ(seen, "shop-1 token-of-shop-1");
}

TEST(ContextTest, IsMissedInTheTraceWhereItIsExpected) {
  const Coordinator coordinator = once([](Runtime& runtime) {
    Request request = kPay;
    request.correlation_id = runtime.correlation_id();
    runtime.call(request);
    runtime.call(kRefund);
  });
  EngineFixture strict(one_step(), coordinator, participant_from(naive), {.carries_context = true});
  const std::string story = strict.story("none");
  EXPECT_THAT(story, HasSubstr("sent pay.action#1 , without its auth token\n"));
  EXPECT_THAT(story,
              HasSubstr("sent pay.compensation#1 , without its correlation id, without its auth token\n"));
  EngineFixture lenient(one_step(), coordinator);
  EXPECT_THAT(lenient.story("none"), Not(HasSubstr("without")));
}

TEST(EarlierSagasTest, LeaveTheirKeysWithTheParticipantsAndNothingElse) {
  std::vector<std::string> seen;
  const ParticipantFactory participant =
      participant_from([&seen](const Delivery& delivery, EffectRecorder& recorder) {
        seen.push_back(std::to_string(delivery.saga_number) + " " + std::string(delivery.saga_id));
        return naive(delivery, recorder);
      });
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          EXPECT_TRUE(runtime.records().empty());
                          runtime.append({.kind = LogKind::kStarted});
                          runtime.call(kPay);
                        }),
                        participant, {.earlier_sagas = 2});
  const Observation& observation = fixture.run("pay:error_after_effect");
  EXPECT_THAT(seen, ElementsAre("1 shop-1-before-1", "2 shop-1-before-2", "0 shop-1"));
  EXPECT_EQ(observation.effects[0].applied, 1U);
  EXPECT_EQ(fixture.count(EventType::kSent), 1U);
}

TEST(EarlierSagasTest, AreBounded) {
  EXPECT_THAT(error_of([] {
                return EngineFixture(one_step(), once([](Runtime&) {}), participant_from(naive),
                                     {.earlier_sagas = -1})
                    .count(EventType::kSent);
              }),
              HasSubstr("earlier_sagas is -1"));
}

}  // namespace
}  // namespace saga_harness
