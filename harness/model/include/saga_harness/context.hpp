#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace saga_harness {

/// One JSON value, held as its text. Built from C++ scalars, or from JSON text by Json::parse().
class Json {
 public:
  Json(const char* string);         // NOLINT(google-explicit-constructor): `{{"customer_id", "CUST-123"}}`
  Json(std::string_view string);    // NOLINT(google-explicit-constructor)
  Json(const std::string& string);  // NOLINT(google-explicit-constructor)
  Json(bool value);                 // NOLINT(google-explicit-constructor)
  /// @throws Error if `value` is beyond 2^63 - 1.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
      Json(Integer value)  // NOLINT(google-explicit-constructor)
      : text_(integer_text(std::in_range<std::int64_t>(value), static_cast<std::int64_t>(value))) {}
  Json(double value);  // NOLINT(google-explicit-constructor)

  /// Any JSON value, validated and brought to the canonical compact form.
  /// @throws Error that gives line, column and cause, if `text` is not one JSON value.
  [[nodiscard]] static Json parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  friend bool operator==(const Json&, const Json&);  ///< of the texts

 private:
  Json() = default;
  static std::string integer_text(bool fits, std::int64_t value);
  std::string text_;
};
void PrintTo(const Json& value, std::ostream* out);

/// The data a saga starts with: an immutable JSON object, which travels as text.
class Context {
 public:
  /// The empty object.
  Context() : text_("{}") {}

  /// `{{"customer_id", "CUST-123"}, {"quantity", 2}, {"items", Json::parse("[…]")}}`
  /// @throws Error if a name is given twice.
  Context(std::initializer_list<std::pair<std::string_view, Json>> members);

  /// @throws Error if `text` is not a JSON object.
  [[nodiscard]] static Context parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  friend bool operator==(const Context&, const Context&);

 private:
  std::string text_;
};
void PrintTo(const Context& value, std::ostream* out);

}  // namespace saga_harness
