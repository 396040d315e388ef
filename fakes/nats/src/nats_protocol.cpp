#include "nats_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::nats {
namespace {

constexpr std::size_t kLongestLine = 64U << 10U;
constexpr std::size_t kLongestPayload = 64U << 20U;
constexpr std::array<std::string_view, 4> kVerbs{"MSG", "PUB", "HMSG", "HPUB"};
constexpr std::string_view kEnd = "\r\n";

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_verb(std::string_view word, std::string_view verb) {
  return std::ranges::equal(word, verb, [](char a, char b) { return (a & ~0x20) == b; });
}

[[noreturn]] void refuse(std::string_view line) {
  throw Error(
      ErrorText{.message = "this is not the NATS protocol: " + internal::in_quotes(line.substr(0, 200))});
}

}  // namespace

std::optional<NatsPiece> NatsReader::next() {
  buffer_.erase(0, std::exchange(used_, 0));
  const std::string_view all = buffer_;
  const std::size_t length = all.find(kEnd);
  if (length == std::string_view::npos) {
    if (all.size() > kLongestLine) refuse(all);
    return std::nullopt;
  }
  const std::string_view line = all.substr(0, length);
  const std::vector<std::string_view> words = split(line, " \t");
  NatsPiece piece;
  for (const std::string_view verb : kVerbs) {
    if (!words.empty() && is_verb(words.front(), verb)) piece.verb = verb;
  }
  if (piece.verb.empty()) {
    used_ = length + kEnd.size();
    piece.bytes = all.substr(0, used_);
    return piece;
  }
  // VERB SUBJECT [SID] [REPLY] [HEADER SIZE] SIZE
  const bool has_headers = piece.verb.starts_with('H');
  const std::size_t fixed = (piece.verb.ends_with("MSG") ? 3U : 2U) + (has_headers ? 2U : 1U);
  if (words.size() != fixed && words.size() != fixed + 1) refuse(line);
  piece.subject = words[1];
  if (words.size() == fixed + 1) piece.reply = words[piece.verb.ends_with("MSG") ? 3 : 2];
  const std::optional<std::uint64_t> size = number_in(words.back());
  const std::optional<std::uint64_t> headers =
      has_headers ? number_in(words[words.size() - 2]) : std::optional<std::uint64_t>(0);
  if (!size || !headers || *size > kLongestPayload || *headers > *size) refuse(line);
  const std::size_t whole = length + kEnd.size() + *size + kEnd.size();
  if (all.size() < whole) return std::nullopt;
  piece.payload = all.substr(length + kEnd.size() + *headers, *size - *headers);
  piece.bytes = all.substr(0, whole);
  used_ = whole;
  return piece;
}

// $JS.ACK.STREAM.CONSUMER.DELIVERED.NUMBER.…, and from later servers $JS.ACK.DOMAIN.ACCOUNT.STREAM.…
std::optional<JetStreamDelivery> jetstream_delivery(std::string_view reply) {
  if (!reply.starts_with("$JS.ACK.")) return std::nullopt;
  const std::vector<std::string_view> words = split(reply, ".");
  constexpr std::size_t kShort = 9;
  const std::size_t first = words.size() == kShort ? 2 : 4;
  if (words.size() < first + 4) return std::nullopt;
  const std::optional<std::uint64_t> number = number_in(words[first + 3]);
  if (!number) return std::nullopt;
  return JetStreamDelivery{.consumer = words[first + 1], .message = *number};
}

std::optional<NatsEvent> nats_event(std::string_view subject) {
  constexpr std::string_view kPrefix = "saga.";
  if (!subject.starts_with(kPrefix)) return std::nullopt;
  subject.remove_prefix(kPrefix.size());
  const std::size_t dot = subject.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == subject.size()) return std::nullopt;
  return NatsEvent{.saga_id = subject.substr(0, dot), .event = subject.substr(dot + 1)};
}

}  // namespace saga_harness::nats
