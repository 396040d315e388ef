// A subject at the other end of HTTP.

#include <saga_harness/http_fakes.hpp>

#include "contract.hpp"
#include "support/raw_client.hpp"

namespace saga_harness::wire_tests {
namespace {

using http_tests::Answer;
using http_tests::End;

ReplyStatus status_for(int code) {
  for (const ReplyStatus status :
       {ReplyStatus::kOk, ReplyStatus::kRejected, ReplyStatus::kUnauthorized, ReplyStatus::kConflict,
        ReplyStatus::kUnavailable, ReplyStatus::kRateLimited, ReplyStatus::kError}) {
    if (usual_http_status(status) == code) return status;
  }
  return ReplyStatus::kCorrupt;
}

Sight http_sight(const Answer& answer) {
  if (!answer.is_whole && !answer.bytes.empty()) return {.seen = Seen::kUnreadable};
  if (answer.end == End::kReset) return {.seen = Seen::kBroken};
  if (answer.bytes.empty()) return {.seen = answer.end == End::kClosed ? Seen::kEnded : Seen::kNothing};
  const bool says_no = answer.body.find(R"("success":false)") != std::string::npos;
  return {.seen = Seen::kAnswered,
          .status = says_no ? ReplyStatus::kRejected : status_for(answer.status),
          .is_foreign = answer.header("X-Correlation-ID") != kSaga};
}

class HttpPeer final : public Peer {
 public:
  HttpPeer() { fakes_.start(); }
  [[nodiscard]] ObservedRuns& runs() override { return runs_; }

  Sight attempt(OperationId operation, std::chrono::milliseconds patience) override {
    const SagaIndex saga(shop(PointKind::kCall).saga);
    const std::string url = fakes_.service_urls().find(saga.step(operation.step).service)->second;
    http_tests::RawClient client(url);
    client.send("POST /" + std::string(saga.action_of(operation)) +
                " HTTP/1.1\r\nContent-Length: 0\r\nX-Correlation-ID: " + kSaga + "\r\n\r\n");
    return http_sight(client.receive(patience));
  }

 private:
  ObservedRuns runs_{shop(PointKind::kCall)};
  HttpFakes fakes_{runs_};
};

}  // namespace

std::unique_ptr<Peer> http_peer() { return std::make_unique<HttpPeer>(); }

}  // namespace saga_harness::wire_tests
