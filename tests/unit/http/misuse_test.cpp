// A participant that throws an Error is misused, and does not fail: as in virtual time, that comes out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

#include "fixtures.hpp"
#include "wire_run.hpp"

namespace saga_harness::http_tests {
namespace {

using http::Waited;

class Misused final : public Participant {
 public:
  Reply handle(const Delivery&, EffectRecorder&) override { throw Error("that is no request for me"); }
};

/// Keeps the status of what is answered.
class KeptAnswer final : public http::WireExchange {
 public:
  bool reply(const http::WireReply& reply) override {
    status = reply.status;
    return true;
  }
  std::string bytes_of(const http::WireReply&) override { return {}; }
  bool send(std::string_view) override { return true; }
  void close() override {}
  void reset() override {}
  Waited wait(std::chrono::microseconds) override { return Waited::kWoken; }
  void wake() override {}

  int status = 0;
};

TEST(MisuseTest, AParticipantsErrorIsAnsweredAndComesOutWhenTheRunIsClosed) {
  auto served = std::make_shared<http::ServedScenario>(shop());
  for (ParticipantFactory& factory : served->participants)
    factory = [] { return std::make_unique<Misused>(); };
  http::WireRun run(served, "run-1", {}, false);
  http::RequestSummary facts{.saga_id = "run-1"};
  KeptAnswer answer;
  http::Journal journal(10);
  http::FaultBoard faults;
  const http::WireRequest request{.method = "POST", .path = "/"};
  run.serve({.request = request,
             .endpoint = &served->routes.endpoints().front(),
             .operation = {0, Operation::kAction},
             .facts = facts,
             .exchange = answer,
             .journal = journal,
             .faults = faults});
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT([&] { static_cast<void>(run.close()); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("that is no request for me")));
  run.drop();  // nobody is told who does not ask
}

}  // namespace
}  // namespace saga_harness::http_tests
