#include "mapping/http_exchange.hpp"

#include <algorithm>
#include <string>

#include "mapping/participant_reply.hpp"

namespace saga_harness::http {
namespace {

constexpr std::string_view kBadJson = R"({"ok":true,"success":)";
constexpr std::string_view kHalfAHead = "HTTP/1.1 20";
constexpr std::size_t kPieces = 10;  // of a slow body, at most
const HttpRoute kNoRoute{};

int status_of(wire::Refusal refusal) {
  switch (refusal) {
    case wire::Refusal::kNone:
      return 200;
    case wire::Refusal::kRunIsOver:
      return 410;
    case wire::Refusal::kTooManyRequests:
      return 503;
    case wire::Refusal::kNothingFits:
      return 404;
    case wire::Refusal::kStepNotNamed:
    case wire::Refusal::kIdTooLong:
      return 400;
  }
  return 500;
}

std::size_t head_size(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  return bytes.find(kEnd) + kEnd.size();
}

}  // namespace

int HttpExchange::code_of(const wire::Answer& answer) const {
  if (answer.refusal != wire::Refusal::kNone) return status_of(answer.refusal);
  if (answer.code != 0) return answer.code;
  return status_on_wire(answer.status, route_ == nullptr ? kNoRoute : *route_);
}

bool HttpExchange::answer(const wire::Answer& answer) {
  if (answer.refusal != wire::Refusal::kNone)
    return connection_.reply({.status = status_of(answer.refusal), .body = answer.body});
  const ReplyOnWire wire = on_wire(answer, route_ == nullptr ? kNoRoute : *route_);
  const ServerReply reply{.status = code_of(answer), .body = wire.body, .headers = wire.headers};
  if (answer.spread > Duration::zero()) return send_in_pieces(reply, answer.spread);
  return connection_.reply(reply);
}

bool HttpExchange::send_in_pieces(const ServerReply& reply, Duration time) {
  const std::string bytes = connection_.bytes_of(reply);
  const std::size_t head = head_size(bytes);
  const std::size_t body = bytes.size() - head;
  bool is_written = connection_.send(std::string_view(bytes).substr(0, head));
  const std::size_t piece = std::max<std::size_t>(1, (body + kPieces - 1) / kPieces);
  const auto pieces = static_cast<int>((body + piece - 1) / piece);
  for (std::size_t at = head; is_written && at < bytes.size(); at += piece) {
    is_written = connection_.wait(time / pieces) != wire::Waited::kPeerGone &&
                 connection_.send(std::string_view(bytes).substr(at, piece));
  }
  return is_written;
}

bool HttpExchange::garble(const wire::Answer& answer, wire::Garbling how) {
  const ReplyOnWire wire = on_wire(answer, route_ == nullptr ? kNoRoute : *route_);
  ServerReply reply{.status = code_of(answer), .body = wire.body, .headers = wire.headers};
  // A wrong body needs a status that can have one.
  if (const bool has_wrong_body = how == wire::Garbling::kBadJson || how == wire::Garbling::kBadType;
      has_wrong_body && !status_has_body(reply.status))
    reply.status = 200;
  switch (how) {
    case wire::Garbling::kBadJson:
      reply.body = kBadJson;
      return connection_.reply(reply);
    case wire::Garbling::kBadType:
      reply.content_type = "text/html";
      return connection_.reply(reply);
    case wire::Garbling::kCutBody: {
      const std::string bytes = connection_.bytes_of(reply);
      const std::size_t kept = bytes.size() - (bytes.size() - head_size(bytes)) / 2 - 1;
      const bool is_written = connection_.send(std::string_view(bytes).substr(0, kept));
      connection_.close();
      return is_written;
    }
    case wire::Garbling::kCutHead: {
      const bool is_written = connection_.send(kHalfAHead);
      connection_.close();
      return is_written;
    }
  }
  return false;
}

}  // namespace saga_harness::http
