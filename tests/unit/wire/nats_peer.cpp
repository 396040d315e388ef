// A subscriber at the other end of NATS. What it sees is what the broker knows: an attempt that was
// acknowledged is over, any other comes again.

#include <string>

#include <gtest/gtest.h>

#include <saga_harness/nats_bus.hpp>
#include <saga_harness_internal/run_registry.hpp>

#include "contract.hpp"
#include "support/nats_service.hpp"

namespace saga_harness::wire_tests {
namespace {

using Heard = test::NatsService::Heard;

constexpr auto kAckWait = std::chrono::milliseconds(500);

/// Keeps what the fake answers to the service's own transaction.
class OwnAnswer final : public wire::Exchange {
 public:
  bool answer(const wire::Answer& answer) override {
    status = answer.status;
    return true;
  }
  bool garble(const wire::Answer&, wire::Garbling) override { return true; }
  void cut() override {}
  void reset() override {}
  wire::Waited hold(std::chrono::microseconds) override { return wire::Waited::kWoken; }
  void wake() override {}
  [[nodiscard]] int code_of(const wire::Answer&) const override { return 0; }

  ReplyStatus status = ReplyStatus::kOk;
};

/// `$JS.ACK.STREAM.CONSUMER.COUNT.…`: which delivery of its event it is.
int delivery_count(const Heard& heard) {
  std::size_t at = 0;
  for (int dots = 0; dots < 4; ++dots) at = heard.reply.find('.', at) + 1;
  return std::stoi(heard.reply.substr(at));
}

class NatsPeer final : public Peer {
 public:
  NatsPeer() { service_.say("SUB acks 3\r\n"); }
  [[nodiscard]] ObservedRuns& runs() override { return runs_; }

  Sight attempt(OperationId operation, std::chrono::milliseconds /*patience*/) override {
    const bool is_action = operation.operation == Operation::kAction;
    const std::string subject = std::string("saga.one.") + (is_action ? "placed" : "payment_failed");
    service_.publish(subject, "{}");
    const Heard first = service_.next(subject);
    const bool comes_again = delivery_count(first) > 1 || has_come_again(subject);
    if (comes_again) return {.seen = Seen::kNothing};
    const ReplyStatus status = own_transaction(operation);
    const std::string word = status == ReplyStatus::kOk    ? "+ACK"
                             : is_definite_refusal(status) ? "+TERM"
                                                           : "-NAK";
    service_.publish(first.reply, word, "acks");
    if (!is_acknowledged()) return {.seen = Seen::kNothing};
    return {.seen = Seen::kAnswered, .status = status};
  }

 private:
  /// What was held back until it came again comes with it.
  bool has_come_again(const std::string& subject) {
    service_.say("PING\r\n");
    bool has_come = false;
    while (auto heard = service_.next()) {
      if (heard->line() == "PONG") break;
      if (heard->line().find(subject) != std::string::npos) has_come = has_come || delivery_count(*heard) > 1;
    }
    return has_come;
  }

  ReplyStatus own_transaction(OperationId operation) {
    wire::RunRegistry& registry = runs_.registry();
    const auto served = registry.served();
    wire::RequestSummary facts{.saga_id = kSaga};
    OwnAnswer answer;
    registry.serve(*served,
                   {.facts = facts,
                    .operation = operation,
                    .service = "stock",
                    .action = served->saga->action_of(operation)},
                   answer);
    return answer.status;
  }

  /// The server answers to an acknowledgement that it has heard.
  bool is_acknowledged() {
    service_.patient_for(3 * kAckWait);
    bool is_heard = false;
    while (auto heard = service_.next()) {
      is_heard = heard->line().find(" acks ") != std::string::npos;
      if (is_heard || (heard->line().find("saga.one.") != std::string::npos && delivery_count(*heard) > 2))
        break;
    }
    service_.patient_for(std::chrono::seconds(20));
    return is_heard;
  }

  ObservedRuns runs_{shop(PointKind::kDelivery), {.points = PointKind::kDelivery}};
  NatsBus bus_{runs_};
  test::NatsService service_{bus_.url(), kAckWait};
};

}  // namespace

std::unique_ptr<Peer> nats_peer() { return std::make_unique<NatsPeer>(); }

}  // namespace saga_harness::wire_tests
