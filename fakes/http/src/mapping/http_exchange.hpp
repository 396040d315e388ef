#pragma once

#include <saga_harness_internal/exchange.hpp>

#include "mapping/routes.hpp"
#include "server/messages.hpp"

namespace saga_harness::http {

/// A request over HTTP and who waits for its answer, as the run of its saga knows them.
class HttpExchange final : public wire::Exchange {
 public:
  /// `route`: of its action; nullptr if none fitted.
  HttpExchange(ServerExchange& connection, const HttpRoute* route) : connection_(connection), route_(route) {}

  bool answer(const wire::Answer& answer) override;
  bool garble(const wire::Answer& answer, wire::Garbling how) override;
  void cut() override { connection_.close(); }
  void reset() override { connection_.reset(); }
  wire::Waited hold(std::chrono::microseconds time) override { return connection_.wait(time); }
  void wake() override { connection_.wake(); }
  [[nodiscard]] int code_of(const wire::Answer& answer) const override;

 private:
  [[nodiscard]] bool send_in_pieces(const ServerReply& reply, Duration time);

  ServerExchange& connection_;
  const HttpRoute* route_;
};

}  // namespace saga_harness::http
