#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/http_spec.hpp>
#include <saga_harness/runtime.hpp>
#include <saga_harness_internal/exchange.hpp>

#include "mapping/routes.hpp"

namespace saga_harness::http {

/// A participant's answer as it goes over HTTP. Views into the answer and the route.
struct ReplyOnWire {
  int status = 200;
  std::string_view body = {};
  std::string headers = {};  ///< lines, each ended by CR LF
};
[[nodiscard]] ReplyOnWire on_wire(const wire::Answer& answer, const HttpRoute& route);

/// The number that stands for an answer at that route.
[[nodiscard]] int status_on_wire(ReplyStatus status, const HttpRoute& route);
/// What a status stands for at that route; nothing if for nothing.
[[nodiscard]] std::optional<ReplyStatus> reply_status(int status, const HttpRoute& route);

/// Whole seconds, as a Retry-After says them; zero if it says nothing that can be read.
[[nodiscard]] Duration parse_retry_after(std::string_view text);

/// The path to ask for, its parameters taken from the members of the payload that have their names.
/// @throws Error if one is missing, or neither a text nor a whole number.
[[nodiscard]] std::string path_for(const Endpoint& endpoint, std::string_view payload);

/// Which of the operations of an endpoint is meant, by the name of its step. @throws Error
[[nodiscard]] OperationId operation_named(const Endpoint& endpoint, std::string_view step,
                                          const SagaIndex& saga);

}  // namespace saga_harness::http
