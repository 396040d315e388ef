#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/trace.hpp>

namespace saga_harness {

/// A part of a request in which something can stand.
enum class RequestPart : std::uint8_t { kHeader, kBody, kPath, kQuery };
[[nodiscard]] std::string_view name_of(RequestPart part);

/// One place to look: a header or a query parameter by its name, the body by a JSON pointer, the path by the
/// name of a parameter of its template. In JSON `{"header": "X-Saga-Id"}`, `{"body": "/saga_id"}`,
/// `{"path": "project"}`, `{"query": "saga"}`.
struct RequestField {
  RequestPart part = RequestPart::kHeader;
  std::string name = {};

  friend bool operator==(const RequestField&, const RequestField&);
};
void PrintTo(const RequestField& value, std::ostream* out);

/// How an answer looks on the wire.
struct HttpReply {
  int status = 0;         ///< 0: as usual
  std::string body = {};  ///< JSON text; empty: the participant's own
  std::map<std::string, std::string> headers = {};

  friend bool operator==(const HttpReply&, const HttpReply&);
};
void PrintTo(const HttpReply& value, std::ostream* out);

/// How an action is asked for, and how it answers.
struct HttpRoute {
  std::string method = "POST";
  std::string path = {};  ///< e.g. `/file/{project}/{filename}`; empty: `/{service}/{action}` and `/{action}`
  std::map<ReplyStatus, HttpReply> replies = {};  ///< instead of the usual ones

  friend bool operator==(const HttpRoute&, const HttpRoute&);
};
void PrintTo(const HttpRoute& value, std::ostream* out);

/// How the services of a scenario are served over HTTP: its section `"http"`. Every field has several places,
/// of which the first that has something counts.
struct HttpSpec {
  std::vector<RequestField> saga_id = {{RequestPart::kHeader, "X-Saga-Id"},
                                       {RequestPart::kHeader, "X-Correlation-ID"},
                                       {RequestPart::kBody, "/saga_id"}};
  std::vector<RequestField> step = {{RequestPart::kHeader, "X-Saga-Step"}, {RequestPart::kBody, "/step"}};
  std::vector<RequestField> idempotency_key = {{RequestPart::kHeader, "Idempotency-Key"},
                                               {RequestPart::kBody, "/idempotency_key"}};
  std::vector<RequestField> correlation_id = {{RequestPart::kHeader, "X-Correlation-ID"},
                                              {RequestPart::kBody, "/correlation_id"}};
  std::vector<RequestField> token = {{RequestPart::kHeader, "Authorization"},
                                     {RequestPart::kHeader, "X-INTERNAL-TOKEN"}};
  std::vector<RequestField> attempt = {{RequestPart::kHeader, "X-Attempt"}};  ///< for the journal alone
  /// A key that comes again with another body is refused with 422, and with 409 while the first request with
  /// it is being worked on; false: it stands for its first request, whatever comes with it.
  bool check_keys = true;
  bool one_port = false;  ///< `"ports": "one"`: every service below `/{service}` of a single port
  /// By service and action (or fallback, or compensation).
  std::map<std::string, std::map<std::string, HttpRoute, std::less<>>, std::less<>> routes = {};

  friend bool operator==(const HttpSpec&, const HttpSpec&);
};
void PrintTo(const HttpSpec& value, std::ostream* out);

/// What an answer has unless a route says otherwise: 200, 422, 401, 409, 503, 429 or 500.
[[nodiscard]] int usual_http_status(ReplyStatus status);

}  // namespace saga_harness
