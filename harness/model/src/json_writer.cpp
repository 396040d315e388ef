#include <saga_harness_internal/json_writer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <numeric>

#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {
namespace {

// Returns what follows the backslash, or 0.
char short_escape(char character) {
  switch (character) {
    case '"':
    case '\\':
      return character;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

void append_character(std::string& out, char character) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  if (const char escape = short_escape(character); escape != 0) {
    out += '\\';
    out += escape;
  } else if (byte < 0x20) {
    out += "\\u00";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  } else {
    out += character;
  }
}

void append_object(std::string& out, const JsonValue& object) {
  std::vector<std::size_t> places(object.keys.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(),
            [&](std::size_t a, std::size_t b) { return object.keys[a] < object.keys[b]; });
  out += '{';
  for (std::size_t n = 0; n < places.size(); ++n) {
    if (n > 0) out += ',';
    append_json_string(out, object.keys[places[n]]);
    out += ':';
    append_json(out, object.items[places[n]]);
  }
  out += '}';
}

void append_array(std::string& out, const JsonValue& array) {
  out += '[';
  for (std::size_t place = 0; place < array.items.size(); ++place) {
    if (place > 0) out += ',';
    append_json(out, array.items[place]);
  }
  out += ']';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (length == 1) {
      append_character(out, text.front());
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void append_json_number(std::string& out, double number) {
  constexpr double kExactlyWhole = 9007199254740992.0;  // up to 2^53 every whole number is a double
  std::array<char, 32> buffer{};
  if (!std::isfinite(number)) {
    out += "null";
  } else if (std::abs(number) < kExactlyWhole && std::trunc(number) == number) {
    out += std::to_string(static_cast<std::int64_t>(number));
  } else {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    out += text;
    // Without a point it would read back as an integer, and be too large for one.
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
  }
}

void append_json(std::string& out, const JsonValue& value) {
  switch (value.type) {
    case JsonValue::Type::kNull:
      out += "null";
      return;
    case JsonValue::Type::kBoolean:
      out += value.boolean ? "true" : "false";
      return;
    case JsonValue::Type::kInteger:
      out += std::to_string(value.integer);
      return;
    case JsonValue::Type::kNumber:
      return append_json_number(out, value.number);
    case JsonValue::Type::kString:
      return append_json_string(out, value.string);
    case JsonValue::Type::kArray:
      return append_array(out, value);
    case JsonValue::Type::kObject:
      return append_object(out, value);
  }
}

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

void JsonWriter::begin(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
}

void JsonWriter::end(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
}

void JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  needs_comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
}

void JsonWriter::number(std::int64_t value) { raw(std::to_string(value)); }

void JsonWriter::number(double value) {
  separate();
  append_json_number(out_, value);
}

void JsonWriter::boolean(bool value) { raw(value ? "true" : "false"); }

void JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
}

}  // namespace saga_harness::internal
