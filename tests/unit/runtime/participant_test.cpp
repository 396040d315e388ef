// What reaches a participant, what it answers, and what is read from its ledger.

#include <chrono>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// Remembers, in words, what was delivered.
struct Mailbox {
  [[nodiscard]] ParticipantFactory participant() {
    return participant_from([this](const Delivery& delivery, EffectRecorder& /*recorder*/) {
      letters.push_back(std::string(delivery.saga_id) + " " + std::string(delivery.service) + "." +
                        std::string(delivery.action) + " " + std::string(delivery.step) + "." +
                        std::string(name_of(delivery.operation.operation)) + "#" +
                        std::to_string(delivery.attempt) + " [" + std::string(delivery.idempotency_key) +
                        "] " + std::string(delivery.payload));
      keys.push_back(delivery.key_number);
      return Reply{};
    });
  }
  std::vector<std::string> letters = {};
  std::vector<std::uint32_t> keys = {};
};

Saga with_fallback() {
  Saga saga = one_step();
  saga.steps[0].fallback = "invoice";
  return saga;
}

TEST(ParticipantTest, MisuseOfOursIsNoAnswerButComesOutOfTheRun) {
  EngineFixture fixture(
      one_step(), once([](Runtime& runtime) {
        try {
          runtime.call(kPay);
        } catch (...) {  // a coordinator that catches everything hides nothing
        }
      }),
      participant_from([](const Delivery&, EffectRecorder&) -> Reply { throw Error("no such account"); }));
  EXPECT_THAT([&] { fixture.run(); }, testing::ThrowsMessage<Error>("no such account"));
}

TEST(ParticipantTest, HearsWhoWhatAndWithWhichKey) {
  Mailbox mailbox;
  EngineFixture fixture(
      with_fallback(), once([](Runtime& runtime) {
        runtime.call({.service = "bank", .action = "pay", .idempotency_key = "k1", .payload = "[7]"});
        runtime.call({.service = "bank", .action = "pay", .idempotency_key = "k1"});
        runtime.call({.service = "bank", .action = "invoice", .step = "pay", .idempotency_key = "k2"});
        runtime.call(kRefund);
      }),
      mailbox.participant(), {.context = {{"amount", 3}}, .saga_id = "s-9"});
  fixture.run();
  EXPECT_THAT(mailbox.letters, ElementsAre("s-9 bank.pay pay.action#1 [k1] [7]",                   //
                                           "s-9 bank.pay pay.action#2 [k1] {\"amount\":3}",        //
                                           "s-9 bank.invoice pay.fallback#1 [k2] {\"amount\":3}",  //
                                           "s-9 bank.refund pay.compensation#1 [] {\"amount\":3}"));
  ASSERT_EQ(mailbox.keys.size(), 4U);
  EXPECT_EQ(mailbox.keys[0], mailbox.keys[1]);
  EXPECT_NE(mailbox.keys[0], mailbox.keys[2]);
  EXPECT_NE(mailbox.keys[2], 0U);
  EXPECT_EQ(mailbox.keys[3], 0U) << "no key has number 0";
}

TEST(ParticipantTest, TheSagaIdAndTheContextComeFromTheDefinitionUnlessGiven) {
  Mailbox mailbox;
  Saga saga = one_step();
  saga.context = {{"currency", "EUR"}};
  std::string seen;
  EngineFixture fixture(saga, once([&seen](Runtime& runtime) {
                          seen = std::string(runtime.saga_id()) + " " + std::string(runtime.context());
                          runtime.call(kPay);
                        }),
                        mailbox.participant());
  fixture.run();
  EXPECT_THAT(mailbox.letters, ElementsAre("shop-1 bank.pay pay.action#1 [] {\"currency\":\"EUR\"}"));
  EXPECT_EQ(seen, "shop-1 {\"currency\":\"EUR\"}");
}

TEST(ParticipantTest, PayloadsAndBodiesNeedNotOutliveTheCall) {
  std::string scratch;
  Mailbox mailbox;
  EngineFixture fixture(
      one_step(), once([](Runtime& runtime) {
        std::string payload = "\"first payload, too long for a small string\"";
        const Pending pending = runtime.start({.service = "bank", .action = "pay", .payload = payload});
        payload.assign(payload.size(), 'x');
        const Reply first = runtime.wait(pending);
        const Reply second = runtime.call(kPay);
        EXPECT_EQ(first.body, "\"answer 1, too long for a small string\"");
        EXPECT_EQ(second.body, "\"answer 2, too long for a small string\"");
      }),
      participant_from([&](const Delivery& delivery, EffectRecorder& /*recorder*/) {
        mailbox.letters.emplace_back(delivery.payload);
        scratch = "\"answer " + std::to_string(delivery.attempt) + ", too long for a small string\"";
        return Reply{ReplyStatus::kOk, scratch};
      }));
  fixture.run();
  EXPECT_THAT(mailbox.letters, ElementsAre("\"first payload, too long for a small string\"", "{}"));
}

TEST(ParticipantTest, AnswersAsItLikes) {
  for (const ReplyStatus status :
       {ReplyStatus::kOk, ReplyStatus::kRejected, ReplyStatus::kUnavailable, ReplyStatus::kError}) {
    EngineFixture fixture(one_step(),
                          once([status](Runtime& runtime) { EXPECT_EQ(runtime.call(kPay).status, status); }),
                          participant_from([status](const Delivery& /*delivery*/,
                                                    EffectRecorder& /*recorder*/) { return Reply{status}; }));
    EXPECT_THAT(fixture.story("none"), HasSubstr("answered pay.action#1 " + std::string(name_of(status))));
  }
}

TEST(ParticipantTest, AnExceptionIsAnErrorWhateverWasDoneBefore) {
  for (const bool standard : {true, false}) {
    EngineFixture fixture(
        one_step(), once([](Runtime& runtime) {
          const Reply reply = runtime.call(kPay);
          EXPECT_EQ(reply.status, ReplyStatus::kError);
          EXPECT_EQ(reply.body, R"({"error":"internal error"})");
        }),
        participant_from([standard](const Delivery& delivery, EffectRecorder& recorder) -> Reply {
          recorder.apply(delivery);
          if (standard) throw std::runtime_error("disk full");
          throw 7;
        }));
    EXPECT_THAT(fixture.story("none"),
                HasSubstr("applied pay.action#1\n1.000ms answered pay.action#1 error\n"));
  }
}

TEST(ParticipantTest, CountsEffectsInItsLedger) {
  Effect inside;
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) {
                          for (const Request& request : {kPay, kPay, kRefund, kShip}) runtime.call(request);
                        }),
                        participant_from([&inside](const Delivery& delivery, EffectRecorder& recorder) {
                          const Reply reply = naive(delivery, recorder);
                          if (delivery.action == "refund") inside = recorder.effect(0);
                          return reply;
                        }));
  const Observation& seen = fixture.run();
  EXPECT_THAT(seen.effects, ElementsAre(Effect{2, 1}, Effect{1, 0}));
  EXPECT_EQ(inside, (Effect{2, 1}));
  EXPECT_THAT(fixture.engine().ledger().effects, ElementsAre(Effect{2, 1}, Effect{1, 0}));
  fixture.run("ship:rejected");
  EXPECT_THAT(fixture.engine().ledger().effects, ElementsAre(Effect{2, 1}, Effect{0, 0}))
      << "every run begins anew";
}

TEST(ParticipantTest, LeavesMarksInTheTrace) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.mark("before");
                          runtime.call(kPay);
                        }),
                        participant_from([](const Delivery& /*delivery*/, EffectRecorder& recorder) {
                          recorder.mark("inside");
                          return Reply{};
                        }));
  EXPECT_EQ(fixture.story("none"), R"(
0.000ms marked before
0.000ms sent pay.action#1
1.000ms delivered pay.action#1
1.000ms marked inside
1.000ms answered pay.action#1 ok
2.000ms received pay.action#1 ok
2.000ms returned
)");
}

/// Says how often it was made, reset and asked.
class Till final : public Participant {
 public:
  Till(std::string name, std::int64_t float_in, std::vector<std::string>& diary)
      : name_(std::move(name)), float_(float_in), diary_(diary) {
    diary_.push_back(name_ + " made");
  }
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    cash_ += delivery.operation.operation == Operation::kAction ? 5 : -5;
    return naive(delivery, recorder);
  }
  void reset() override {
    diary_.push_back(name_ + " reset");
    cash_ = float_;
  }
  [[nodiscard]] std::vector<Quantity> quantities() const override {
    return {{.name = name_ + " cash", .rule = QuantityRule::kRestored}, {.name = name_ + " tills"}};
  }
  void measure(std::vector<std::int64_t>& values) const override {
    values.push_back(cash_);
    values.push_back(1);
  }

 private:
  std::string name_;
  std::int64_t float_;
  std::int64_t cash_ = -1;
  std::vector<std::string>& diary_;
};

TEST(QuantityTest, IsMeasuredAtTheStartAndAtTheEndOfEveryRun) {
  std::vector<std::string> diary;
  int made = 0;
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) { runtime.call(kPay); }),
                        [&]() -> std::unique_ptr<Participant> {
                          ++made;
                          return std::make_unique<Till>("till " + std::to_string(made), 100 * made, diary);
                        });
  const std::vector<Quantity> expected = {
      {.name = "till 1 cash", .rule = QuantityRule::kRestored, .at_start = 100, .at_end = 105},
      {.name = "till 1 tills", .at_start = 1, .at_end = 1},
      {.name = "till 2 cash", .rule = QuantityRule::kRestored, .at_start = 200, .at_end = 200},
      {.name = "till 2 tills", .at_start = 1, .at_end = 1}};
  EXPECT_TRUE(std::ranges::equal(fixture.run().quantities, expected));
  EXPECT_EQ(fixture.engine().ledger().quantities, expected);
  fixture.run();
  EXPECT_EQ(fixture.engine().ledger().quantities, expected) << "reset before every run";
  EXPECT_THAT(diary, ElementsAre("till 1 made", "till 2 made", "till 1 reset", "till 2 reset", "till 1 reset",
                                 "till 2 reset"));
}

TEST(QuantityTest, TheEndIsAfterTheLastLateMessage) {
  std::vector<std::string> diary;
  EngineFixture fixture(
      one_step(), once([](Runtime& runtime) { runtime.call(kPay); }),
      [&diary]() -> std::unique_ptr<Participant> { return std::make_unique<Till>("till", 100, diary); });
  EXPECT_EQ(fixture.run("pay:request_late_after_end").quantities[0].at_end, 105);
}

TEST(QuantityTest, AParticipantMustMeasureWhatItAnnounced) {
  class Forgetful final : public Participant {
   public:
    Reply handle(const Delivery& /*delivery*/, EffectRecorder& /*recorder*/) override { return {}; }
    [[nodiscard]] std::vector<Quantity> quantities() const override { return {{.name = "a"}, {.name = "b"}}; }
    void measure(std::vector<std::int64_t>& values) const override { values.push_back(1); }
  };
  EngineFixture fixture(one_step(), once([](Runtime& /*runtime*/) {}),
                        [] { return std::make_unique<Forgetful>(); });
  EXPECT_THAT(error_of([&] { return fixture.run().outcome; }),
              HasSubstr("participants announced 2 quantities but measured 1"));
}

TEST(ParticipantTest, FromAFunctionIsResetByAFunction) {
  int resets = 0;
  EngineFixture fixture(one_step(), once([](Runtime& /*runtime*/) {}),
                        participant_from(naive, [&resets] { ++resets; }));
  fixture.run();
  fixture.run();
  EXPECT_EQ(resets, 2);
}

}  // namespace
}  // namespace saga_harness
