#pragma once

#include <string>
#include <string_view>

#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::internal {

/// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest text that reads back as `number`; `null` for what is no number.
void append_json_number(std::string& out, double number);

/// Appends `value` in canonical form: compact, the keys of objects in the order of their bytes.
void append_json(std::string& out, const JsonValue& value);

/// Writes an object or array member by member, so that the order is ours.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void key(std::string_view name);
  void string(std::string_view text);
  void number(std::int64_t value);
  void number(double value);
  void boolean(bool value);
  void null() { raw("null"); }
  /// Appends what is JSON text already.
  void raw(std::string_view json);

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace saga_harness::internal
