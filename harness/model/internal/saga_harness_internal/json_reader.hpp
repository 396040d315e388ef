#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/duration.hpp>

namespace saga_harness::internal {

inline constexpr std::size_t kLargestJson = std::size_t{16} << 20U;
inline constexpr std::size_t kDeepestJson = 64;
inline constexpr std::size_t kMostJsonValues = 1'000'000;

/// One JSON value with all that is in it.
struct JsonValue {
  enum class Type : std::uint8_t { kNull, kBoolean, kInteger, kNumber, kString, kArray, kObject };

  Type type = Type::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string string = {};
  std::vector<JsonValue> items = {};   ///< of an array or object, in the order of the text
  std::vector<std::string> keys = {};  ///< of an object, beside its items
};

/// Reads one JSON text. Refuses texts over 16 MiB, nesting beyond 64 levels, more than a million values, bad
/// UTF-8, repeated keys, and numbers that do not fit.
/// @throws Error that begins with `source` and says where: line and column, or JSON pointer.
[[nodiscard]] JsonValue parse_json(std::string_view text, std::string_view source);

/// A value where it stands in its document, with typed access. Every error says source, JSON pointer and
/// fix. Refers to the value and to the name of the source, which must outlive it.
class JsonReader {
 public:
  JsonReader(const JsonValue& value, std::string_view source) : value_(&value), source_(source) {}

  [[nodiscard]] const JsonValue& value() const noexcept { return *value_; }
  [[nodiscard]] std::string_view source() const noexcept { return source_; }
  [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }

  [[noreturn]] void refuse(const std::string& what, const std::string& fix) const;

  [[nodiscard]] bool is_null() const noexcept { return value_->type == JsonValue::Type::kNull; }
  [[nodiscard]] bool is_array() const noexcept { return value_->type == JsonValue::Type::kArray; }
  [[nodiscard]] bool is_object() const noexcept { return value_->type == JsonValue::Type::kObject; }
  [[nodiscard]] bool is_string() const noexcept { return value_->type == JsonValue::Type::kString; }

  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] double number() const;
  /// A string with a unit. @throws Error with a fix of its own for a bare number.
  [[nodiscard]] Duration duration() const;
  [[nodiscard]] std::vector<JsonReader> items() const;
  [[nodiscard]] std::vector<std::pair<std::string_view, JsonReader>> members() const;

  /// Refuses what is not an object, and every key but these, with the nearest of them. `what` is what the
  /// object is called: "a step".
  void expect_keys(std::string_view what, std::span<const std::string_view> keys) const;
  [[nodiscard]] std::optional<JsonReader> find(std::string_view key) const;
  [[nodiscard]] JsonReader at(std::string_view key) const;

 private:
  [[nodiscard]] JsonReader child(std::size_t place) const;
  void expect(JsonValue::Type type, std::string_view fix) const;

  const JsonValue* value_;
  std::string_view source_;
  std::string pointer_;
};

/// A key as a part of a JSON pointer (RFC 6901): `~` is `~0`, `/` is `~1`.
[[nodiscard]] std::string pointer_part(std::string_view key);

}  // namespace saga_harness::internal
