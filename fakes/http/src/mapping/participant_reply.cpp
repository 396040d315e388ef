#include "mapping/participant_reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::http {
namespace {

using internal::in_quotes;
using internal::JsonValue;

/// Those that have a status of their own on the wire.
constexpr std::array kAnswers{ReplyStatus::kOk,       ReplyStatus::kRejected,    ReplyStatus::kUnauthorized,
                              ReplyStatus::kConflict, ReplyStatus::kUnavailable, ReplyStatus::kRateLimited,
                              ReplyStatus::kError};

const HttpReply* special_reply(ReplyStatus status, const HttpRoute& route) {
  const auto found = route.replies.find(status);
  return found == route.replies.end() ? nullptr : &found->second;
}

bool is_header_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7F;
  });
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string member_of(const JsonValue& payload, std::string_view name, const Endpoint& endpoint) {
  const auto found = std::ranges::find(payload.keys, name);
  if (payload.type == JsonValue::Type::kObject && found != payload.keys.end()) {
    const JsonValue& value = payload.items[static_cast<std::size_t>(found - payload.keys.begin())];
    if (value.type == JsonValue::Type::kString && !value.string.empty()) return value.string;
    if (value.type == JsonValue::Type::kInteger) return std::to_string(value.integer);
  }
  throw Error(ErrorText{
      .message = fmt::format("{} {} of {}: the payload has no text or number {} for the path",
                             endpoint.method, endpoint.route.path, endpoint.service, in_quotes(name)),
      .fix = "give the saga's context one"});
}

}  // namespace

int status_on_wire(ReplyStatus status, const HttpRoute& route) {
  const HttpReply* special = special_reply(status, route);
  return special == nullptr || special->status == 0 ? usual_http_status(status) : special->status;
}

ReplyOnWire on_wire(const wire::Answer& answer, const HttpRoute& route) {
  const HttpReply* special = special_reply(answer.status, route);
  ReplyOnWire wire{.status = status_on_wire(answer.status, route), .body = answer.body};
  if (special != nullptr && !special->body.empty() && !answer.body_decides) wire.body = special->body;
  if (is_header_value(answer.correlation_id))
    wire.headers.append("X-Correlation-ID: ").append(answer.correlation_id).append("\r\n");
  if (answer.meaning == ReplyStatus::kRateLimited) {
    const double seconds = std::ceil(std::chrono::duration<double>(answer.retry_after).count());
    fmt::format_to(std::back_inserter(wire.headers), "Retry-After: {}\r\n",
                   static_cast<std::int64_t>(seconds));
  }
  if (special != nullptr) {
    for (const auto& [name, value] : special->headers)
      fmt::format_to(std::back_inserter(wire.headers), "{}: {}\r\n", name, value);
  }
  return wire;
}

std::optional<ReplyStatus> reply_status(int status, const HttpRoute& route) {
  for (const ReplyStatus answer : kAnswers) {
    if (status_on_wire(answer, route) == status) return answer;
  }
  return std::nullopt;
}

Duration parse_retry_after(std::string_view text) {
  constexpr std::int64_t kMost = 365LL * 24 * 3600;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return Duration::zero();
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMost));
}

std::string path_for(const Endpoint& endpoint, std::string_view payload) {
  if (endpoint.segments.empty()) return "/" + percent_encoded(endpoint.action);
  JsonValue document;
  std::string path;
  for (const std::string& segment : endpoint.segments) {
    path += '/';
    if (!segment.starts_with('{')) {
      path += percent_encoded(segment);
      continue;
    }
    if (document.type != JsonValue::Type::kObject) document = internal::parse_json(payload, "the payload");
    const std::string name = segment.substr(1, segment.size() - 2);
    path += percent_encoded(member_of(document, name, endpoint));
  }
  return path;
}

OperationId operation_named(const Endpoint& endpoint, std::string_view step, const SagaIndex& saga) {
  for (const OperationId operation : endpoint.operations) {
    if (saga.step(operation.step).name == step) return operation;
  }
  throw Error(ErrorText{
      .message = fmt::format("{} of {} belongs to several steps, and the request does not say which",
                             endpoint.action, endpoint.service),
      .fix = "it needs the name of one where the \"http\" section says that the step stands"});
}

}  // namespace saga_harness::http
