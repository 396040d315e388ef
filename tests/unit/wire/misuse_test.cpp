// A participant that throws an Error is misused, and does not fail: as in virtual time, that comes out.

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/saga_run.hpp>

namespace saga_harness::wire {
namespace {

class Misused final : public Participant {
 public:
  Reply handle(const Delivery&, EffectRecorder&) override { throw Error("that is no request for me"); }
};

/// Keeps the status of what is answered.
class KeptAnswer final : public Exchange {
 public:
  bool answer(const Answer& answer) override {
    status = answer.status;
    return true;
  }
  bool garble(const Answer&, Garbling) override { return true; }
  void cut() override {}
  void reset() override {}
  Waited hold(std::chrono::microseconds) override { return Waited::kWoken; }
  void wake() override {}
  [[nodiscard]] int code_of(const Answer&) const override { return 0; }

  ReplyStatus status = ReplyStatus::kOk;
};

TEST(MisuseTest, AParticipantsErrorIsAnsweredAndComesOutWhenTheRunIsClosed) {
  Scenario scenario;
  scenario.saga = {.name = "shop",
                   .steps = {{.name = "pay", .service = "payments", .compensation = "refund"}}};
  const auto served = std::make_shared<ServedScenario>(scenario, PointKind::kCall);
  for (ParticipantFactory& factory : served->participants)
    factory = [] { return std::make_unique<Misused>(); };
  SagaRun run(served, "run-1", {}, false, 0);
  RequestSummary facts{.saga_id = "run-1"};
  KeptAnswer answer;
  Journal journal(10, 1U << 20U);
  FaultBoard faults;
  run.serve({.facts = facts, .operation = {0, Operation::kAction}}, answer, {journal, faults});
  EXPECT_EQ(answer.status, ReplyStatus::kError);
  EXPECT_THAT([&] { static_cast<void>(run.close()); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("that is no request for me")));
  run.drop();  // nobody is told who does not ask
}

}  // namespace
}  // namespace saga_harness::wire
