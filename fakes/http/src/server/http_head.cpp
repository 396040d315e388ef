#include "server/http_head.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace saga_harness::http {
namespace {

constexpr std::size_t kMostHeaders = 200;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

void refuse(HttpHead& head, int status, std::string_view why) {
  if (head.refusal != 0) return;
  head.refusal = status;
  head.why = why;
}

void scan_request_line(std::string_view line, HttpHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return refuse(head, 400, "the request line has not three parts");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  head.is_version_10 = version == "HTTP/1.0";
  head.keep_alive = !head.is_version_10;
  if (!is_token(head.method)) return refuse(head, 400, "the method is not a word");
  if (version != "HTTP/1.1" && !head.is_version_10)
    return refuse(head, 400, "the protocol is not HTTP/1.1 or HTTP/1.0");
  const bool is_plain = head.target.starts_with('/') || head.target.starts_with("http://");
  const bool is_clean = std::all_of(head.target.begin(), head.target.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) != 0x7F;
  });
  if (head.target.empty() || !is_plain || !is_clean) refuse(head, 400, "the target is no path");
}

void note_header(std::string_view name, std::string_view value, std::size_t max_payload, bool& has_length,
                 HttpHead& head) {
  switch (name.size()) {
    case 6:
      if (same_header(name, "Expect")) head.expects_continue = same_header(value, "100-continue");
      return;
    case 10:
      if (!same_header(name, "Connection")) return;
      if (same_header(value, "close")) head.keep_alive = false;
      if (same_header(value, "keep-alive")) head.keep_alive = true;
      return;
    case 14: {
      if (!same_header(name, "Content-Length")) return;
      std::size_t length = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
      const bool is_number = !value.empty() && end == value.data() + value.size();
      if (is_number && error == std::errc::result_out_of_range)
        return refuse(head, 413, "the body is too large");
      if (!is_number || error != std::errc()) return refuse(head, 400, "Content-Length is no number");
      if (has_length && length != head.content_length)
        return refuse(head, 400, "Content-Length is there twice");
      has_length = true;
      head.content_length = length;
      if (length > max_payload) refuse(head, 413, "the body is too large");
      return;
    }
    case 16:
      if (!same_header(name, "Content-Encoding") || value.empty() || same_header(value, "identity")) return;
      return refuse(head, 415, "compressed bodies are not read");
    case 17:
      if (!same_header(name, "Transfer-Encoding")) return;
      if (!same_header(value, "chunked")) return refuse(head, 501, "no transfer coding but chunked is known");
      head.chunked = true;
      return;
    default:
      return;
  }
}

}  // namespace

void HttpHead::clear() {
  ServerRequest::Headers room = std::move(headers);
  room.clear();
  *this = {.headers = std::move(room)};
}

void scan_head(std::string_view bytes, std::size_t max_payload, HttpHead& head) {
  head.clear();
  bool has_length = false;
  bool is_first = true;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find("\r\n"), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(bytes.size(), end + 2));
    if (line.empty()) break;
    if (is_first) {
      scan_request_line(line, head);
      is_first = false;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      refuse(head, 400, "a header line has no name");
      continue;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = without_white_space(line.substr(colon + 1));
    if (value.find('\0') != std::string_view::npos) refuse(head, 400, "a header has a zero byte");
    if (head.headers.size() >= kMostHeaders) refuse(head, 431, "there are too many headers");
    head.headers.emplace_back(name, value);
    note_header(name, value, max_payload, has_length, head);
  }
  if (is_first) refuse(head, 400, "there is no request line");
  if (head.chunked && has_length) refuse(head, 400, "it has both Content-Length and Transfer-Encoding");
}

}  // namespace saga_harness::http
