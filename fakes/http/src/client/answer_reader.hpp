#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness_internal/http_client.hpp>

namespace saga_harness::http {

constexpr std::size_t kLargestAnswer = std::size_t{8} << 20U;

/// Reads one answer out of bytes that come piece by piece (RFC 9110 and 9112).
class AnswerReader {
 public:
  /// Appends what comes next; false: nothing comes any more.
  using More = std::function<bool(std::string& bytes)>;

  explicit AnswerReader(More more) : more_(std::move(more)) {}

  /// The answer to a request, which was a HEAD or not. What is no answer, or not whole, is kBroken and says
  /// why.
  [[nodiscard]] HttpAnswer read(bool is_head);
  /// It said where it ends, ended there, and nothing came after it: the connection can be used again.
  [[nodiscard]] bool ended_as_said() const { return body_end_ == bytes_.size(); }

 private:
  bool more();
  std::size_t find(std::string_view what, std::size_t from);
  HttpAnswer read_body(HttpAnswer answer);
  HttpAnswer read_chunks(HttpAnswer answer, std::size_t at);
  [[nodiscard]] HttpAnswer cut_off() const;
  [[nodiscard]] std::string_view head() const { return std::string_view(bytes_).substr(0, head_ + 2); }

  More more_;
  std::string bytes_;
  std::size_t head_ = 0;                 // where the empty line behind the head begins
  std::optional<std::size_t> body_end_;  // if the answer says where it ends
};

/// The values of a header, of all its lines together (RFC 9110, 5.3); nothing if it is not there.
[[nodiscard]] std::optional<std::string> header_in(std::string_view head, std::string_view name);

}  // namespace saga_harness::http
