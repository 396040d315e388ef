#include "client/answer_reader.hpp"

#include <algorithm>
#include <charconv>

#include <saga_harness_internal/text.hpp>

#include "server/messages.hpp"

namespace saga_harness::http {
namespace {

HttpAnswer broken(std::string why) { return {.failure = HttpFailure::kBroken, .why = std::move(why)}; }

/// Of what somebody else wrote, quoted and not too long.
std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 60;
  return internal::in_quotes(text.substr(0, kMost)) + (text.size() > kMost ? "…" : "");
}

/// The number that `text` is, and nothing else; nothing if it is none, or does not fit.
std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The one length that Content-Length gives, however often (RFC 9110, 8.6).
std::optional<std::size_t> length_in(std::string_view values) {
  std::optional<std::size_t> length;
  while (true) {
    const std::size_t comma = std::min(values.find(','), values.size());
    const std::optional<std::size_t> one = number_in(without_white_space(values.substr(0, comma)));
    if (!one || (length && *length != *one)) return std::nullopt;
    length = one;
    if (comma == values.size()) return length;
    values.remove_prefix(comma + 1);
  }
}

/// Of a status line; nothing if it is none (RFC 9112, 4).
std::optional<int> status_in(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (!line.starts_with("HTTP/1.") || space == std::string_view::npos) return std::nullopt;
  const std::optional<std::size_t> status =
      number_in(line.substr(space + 1, line.find(' ', space + 1) - space - 1));
  if (!status || *status < 100 || *status > 999) return std::nullopt;
  return static_cast<int>(*status);
}

}  // namespace

std::optional<std::string> header_in(std::string_view head, std::string_view name) {
  std::optional<std::string> values;
  while (!head.empty()) {
    head.remove_prefix(std::min(head.size(), head.find("\r\n") + 2));
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same_header(line.substr(0, colon), name)) continue;
    if (values) values->append(", ");
    values = values.value_or("").append(without_white_space(line.substr(colon + 1)));
  }
  return values;
}

bool AnswerReader::more() { return bytes_.size() <= kLargestAnswer && more_(bytes_); }

HttpAnswer AnswerReader::cut_off() const {
  if (bytes_.size() > kLargestAnswer) return broken("the answer is larger than 8 MiB");
  return broken("the connection was closed before a whole answer");
}

/// Where `what` begins; npos if nothing comes any more and it has not come.
std::size_t AnswerReader::find(std::string_view what, std::size_t from) {
  while (true) {
    const std::size_t found = bytes_.find(what, from);
    if (found != std::string::npos) return found;
    from = std::max(from, bytes_.size() - std::min(bytes_.size(), what.size() - 1));
    if (!more()) return std::string::npos;
  }
}

HttpAnswer AnswerReader::read(bool is_head) {
  while (true) {
    head_ = find("\r\n\r\n", 0);
    if (head_ == std::string::npos) return cut_off();
    const std::optional<int> status = status_in(head().substr(0, head().find("\r\n")));
    if (!status) return broken("the answer is not HTTP/1.1");
    HttpAnswer answer{.status = *status, .head = std::string(head())};
    if (*status >= 200 && (is_head || !status_has_body(*status))) {
      body_end_ = head_ + 4;
      return answer;
    }
    if (*status >= 200) return read_body(std::move(answer));
    bytes_.erase(0, head_ + 4);  // 100 Continue and the like
  }
}

HttpAnswer AnswerReader::read_body(HttpAnswer answer) {
  const std::size_t begin = head_ + 4;
  if (const auto coding = header_in(head(), "Transfer-Encoding")) {
    if (same_header(*coding, "chunked")) return read_chunks(std::move(answer), begin);
    return broken("the answer's Transfer-Encoding is " + shown(*coding) +
                  ", which nobody asked for; chunked is read");
  }
  if (const auto given = header_in(head(), "Content-Length")) {
    const std::optional<std::size_t> size = length_in(*given);
    if (!size) return broken("the answer's Content-Length is " + shown(*given) + ", no length");
    while (bytes_.size() < begin + std::min(*size, kLargestAnswer)) {
      if (!more()) return cut_off();
    }
    if (*size > kLargestAnswer) return broken("the answer is larger than 8 MiB");
    answer.body = bytes_.substr(begin, *size);
    body_end_ = begin + *size;
    return answer;
  }
  while (more()) {
  }
  if (bytes_.size() > kLargestAnswer) return cut_off();
  answer.body = bytes_.substr(begin);
  return answer;
}

HttpAnswer AnswerReader::read_chunks(HttpAnswer answer, std::size_t at) {
  while (true) {
    const std::size_t end = find("\r\n", at);
    if (end == std::string::npos) return cut_off();
    const std::string_view line = std::string_view(bytes_).substr(at, end - at);
    const std::optional<std::size_t> size = chunk_size_in(line);
    if (!size || *size > kLargestAnswer) return broken("the size of a chunk of the answer is " + shown(line));
    if (*size == 0) return answer;  // the connection is not used again, whatever trails
    at = end + 2 + *size + 2;
    while (bytes_.size() < at) {
      if (!more()) return cut_off();
    }
    answer.body.append(bytes_, end + 2, *size);
    if (std::string_view(bytes_).substr(at - 2, 2) != "\r\n")
      return broken("a chunk of the answer is longer than its size says");
  }
}

}  // namespace saga_harness::http
