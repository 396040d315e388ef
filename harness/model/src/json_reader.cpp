#include <saga_harness_internal/json_reader.hpp>

#include <algorithm>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {
namespace {

using Type = JsonValue::Type;

constexpr std::size_t kLongestPointer = 1000;

std::string_view name_of_type(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kBoolean:
      return "a boolean";
    case Type::kInteger:
      return "an integer";
    case Type::kNumber:
      return "a number";
    case Type::kString:
      return "a string";
    case Type::kArray:
      return "an array";
    case Type::kObject:
      return "an object";
  }
  return "a value";
}

}  // namespace

std::string pointer_part(std::string_view key) {
  std::string part;
  for (const char character : key) {
    if (character == '~') {
      part += "~0";
    } else if (character == '/') {
      part += "~1";
    } else {
      part += character;
    }
  }
  return part;
}

void JsonReader::refuse(const std::string& what, const std::string& fix) const {
  throw Error(ErrorText{.source = std::string(source_),
                        .pointer = printable(pointer_, kLongestPointer),
                        .message = what,
                        .fix = fix});
}

void JsonReader::expect(JsonValue::Type type, std::string_view fix) const {
  if (value_->type == type) return;
  refuse("expected " + std::string(name_of_type(type)) + ", found " + std::string(name_of_type(value_->type)),
         std::string(fix));
}

const std::string& JsonReader::string() const {
  expect(Type::kString, "write it between double quotes");
  return value_->string;
}

bool JsonReader::boolean() const {
  expect(Type::kBoolean, "write true or false");
  return value_->boolean;
}

std::int64_t JsonReader::integer(std::int64_t least, std::int64_t most) const {
  if (value_->type == Type::kInteger && value_->integer >= least && value_->integer <= most)
    return value_->integer;
  const std::string range = "write one from " + std::to_string(least) + " to " + std::to_string(most);
  expect(Type::kInteger, range);
  refuse("the integer " + std::to_string(value_->integer) + " is out of range", range);
}

double JsonReader::number() const {
  if (value_->type == Type::kInteger) return static_cast<double>(value_->integer);
  expect(Type::kNumber, "write it without quotes");
  return value_->number;
}

Duration JsonReader::duration() const {
  if (value_->type == Type::kInteger || value_->type == Type::kNumber) {
    std::string text;
    append_json(text, *value_);
    refuse("the duration " + text + " has no unit",
           "write it as a string with us, ms, s, min or h, like \"" + text + "ms\"");
  }
  expect(Type::kString, "write it as a string with a unit, like \"250ms\"");
  try {
    return parse_duration(value_->string);
  } catch (const Error& error) {
    ErrorText text = error.text();
    text.source = source_;
    text.pointer = printable(pointer_, kLongestPointer);
    throw Error(std::move(text));
  }
}

JsonReader JsonReader::child(std::size_t place) const {
  JsonReader reader(value_->items[place], source_);
  reader.pointer_ =
      pointer_ + "/" + (is_object() ? pointer_part(value_->keys[place]) : std::to_string(place));
  return reader;
}

std::vector<JsonReader> JsonReader::items() const {
  expect(Type::kArray, "write it between [ and ]");
  std::vector<JsonReader> readers;
  readers.reserve(value_->items.size());
  for (std::size_t place = 0; place < value_->items.size(); ++place) readers.push_back(child(place));
  return readers;
}

std::vector<std::pair<std::string_view, JsonReader>> JsonReader::members() const {
  expect(Type::kObject, "write it between { and }");
  std::vector<std::pair<std::string_view, JsonReader>> readers;
  readers.reserve(value_->items.size());
  for (std::size_t place = 0; place < value_->items.size(); ++place) {
    readers.emplace_back(value_->keys[place], child(place));
  }
  return readers;
}

void JsonReader::expect_keys(std::string_view what, std::span<const std::string_view> keys) const {
  expect(Type::kObject, std::string(what) + " is written between { and }");
  for (std::size_t place = 0; place < value_->keys.size(); ++place) {
    const std::string& key = value_->keys[place];
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    child(place).refuse(std::string(what) + " has no key " + in_quotes(key),
                        name_fix(key, keys, "remove or rename it"));
  }
}

std::optional<JsonReader> JsonReader::find(std::string_view key) const {
  expect(Type::kObject, "write it between { and }");
  const auto found = std::find(value_->keys.begin(), value_->keys.end(), key);
  if (found == value_->keys.end()) return std::nullopt;
  return child(static_cast<std::size_t>(found - value_->keys.begin()));
}

JsonReader JsonReader::at(std::string_view key) const {
  std::optional<JsonReader> found = find(key);
  if (!found) refuse("the key " + in_quotes(key) + " is missing", "add it");
  return *std::move(found);
}

}  // namespace saga_harness::internal
