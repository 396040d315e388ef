#pragma once

#include <concepts>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>

namespace saga_harness {

/// What an error means for whoever gets it.
enum class ErrorKind : unsigned char {
  kMisuse,      ///< a call or its input is wrong: change it
  kIncomplete,  ///< there is too little to answer by: bring the rest
  kInternal,    ///< no verdict can be given: the subject is not deterministic, or the machine failed
};
[[nodiscard]] std::string_view name_of(ErrorKind kind);

/// An error as fields; those that are empty do not apply.
struct ErrorText {
  std::string source = {};   ///< what it is about: a file, a saga, a plan
  std::string pointer = {};  ///< where in it: a JSON pointer (RFC 6901), `/steps/2/after/0`
  int line = 0;              ///< … or, where a text is no JSON, a place in it from 1
  int column = 0;
  std::string message = {};  ///< what is wrong
  std::string fix = {};      ///< what to do about it
  std::string more = {};     ///< further problems, a line each

  friend bool operator==(const ErrorText&, const ErrorText&) = default;
};
void PrintTo(const ErrorText& value, std::ostream* out);
/// `SOURCE: POINTER: MESSAGE; FIX`, or `SOURCE:LINE:COLUMN: MESSAGE; FIX`, and below it what there is more.
[[nodiscard]] std::string to_string(const ErrorText& text);

/// Misuse or bad input. What a run shows of the saga under test is never an Error: verdicts are values.
class Error : public std::runtime_error {
 public:
  template <std::convertible_to<std::string> Text>
  explicit Error(const Text& message, ErrorKind kind = ErrorKind::kMisuse)
      : Error(ErrorText{.message = message}, kind) {}
  explicit Error(ErrorText text, ErrorKind kind = ErrorKind::kMisuse);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] const ErrorText& text() const noexcept { return text_; }
  [[nodiscard]] const std::string& source() const noexcept { return text_.source; }
  [[nodiscard]] const std::string& pointer() const noexcept { return text_.pointer; }
  [[nodiscard]] const std::string& message() const noexcept { return text_.message; }
  [[nodiscard]] const std::string& fix() const noexcept { return text_.fix; }

  /// The same error, said of something larger: `context` stands before its source.
  [[nodiscard]] Error within(std::string_view context) const;

 private:
  ErrorText text_;
  ErrorKind kind_;
};
void PrintTo(const Error& value, std::ostream* out);

}  // namespace saga_harness
