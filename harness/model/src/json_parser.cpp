#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {
namespace {

using Type = JsonValue::Type;
using Dom = nlohmann::json;  // for the types it hands out

/// Builds the value from the parser's events. A DOM of the parser's own would keep the last of repeated keys
/// in silence and nest without bound.
class Builder {
 public:
  Builder(std::string_view text, std::string_view source, JsonValue& root)
      : text_(text), source_(source), root_(root) {}

  bool null() { return add({}); }
  bool boolean(bool value) { return add({.type = Type::kBoolean, .boolean = value}); }
  bool number_integer(Dom::number_integer_t value) { return add({.type = Type::kInteger, .integer = value}); }
  bool number_unsigned(Dom::number_unsigned_t value) {
    constexpr Dom::number_unsigned_t kMost = std::numeric_limits<std::int64_t>::max();
    if (value > kMost) refuse_integer(std::to_string(value));
    return add({.type = Type::kInteger, .integer = static_cast<std::int64_t>(value)});
  }
  bool number_float(Dom::number_float_t value, const Dom::string_t& token) {
    // The parser turns integers that do not fit into numbers that only resemble them. Its decimal point is
    // that of the locale.
    if (token.find_first_not_of("-0123456789") == Dom::string_t::npos) refuse_integer(token);
    return add({.type = Type::kNumber, .number = value});
  }
  bool string(Dom::string_t& value) { return add({.type = Type::kString, .string = std::move(value)}); }
  bool binary(Dom::binary_t& /*value*/) { return false; }

  bool start_array(std::size_t /*size*/) { return open(Type::kArray); }
  bool start_object(std::size_t /*size*/) { return open(Type::kObject); }
  bool key(Dom::string_t& name) {
    open_.back()->keys.push_back(std::move(name));
    return true;
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool end_object() {
    refuse_repeated_key();
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) {
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) refuse_at(position, "a number is out of range", "write a smaller one");
    refuse_at(position, "not JSON: " + cause_of(error.what()), "fix the text there");
  }

 private:
  JsonValue& place(JsonValue value) {
    if (++count_ > kMostJsonValues) {
      refuse("the text has more than " + std::to_string(kMostJsonValues) + " values", "it is far too large");
    }
    if (open_.empty()) return root_ = std::move(value);
    return open_.back()->items.emplace_back(std::move(value));
  }

  bool add(JsonValue value) {
    place(std::move(value));
    return true;
  }

  bool open(Type type) {
    if (open_.size() >= kDeepestJson) {
      refuse("the text nests deeper than " + std::to_string(kDeepestJson) + " levels", "flatten it");
    }
    open_.push_back(&place({.type = type}));
    return true;
  }

  void refuse_repeated_key() const {
    const std::vector<std::string>& keys = open_.back()->keys;
    std::vector<const std::string*> sorted;
    sorted.reserve(keys.size());
    for (const std::string& name : keys) sorted.push_back(&name);
    const auto less = [](const std::string* a, const std::string* b) { return *a < *b; };
    const auto same = [](const std::string* a, const std::string* b) { return *a == *b; };
    std::sort(sorted.begin(), sorted.end(), less);
    const auto repeated = std::adjacent_find(sorted.begin(), sorted.end(), same);
    if (repeated == sorted.end()) return;
    throw Error(std::string(source_) + ": " +
                printable(pointer(open_.size() - 1) + "/" + pointer_part(**repeated)) + ": the key " +
                in_quotes(**repeated) + " is given twice; remove one");
  }

  // Where the containers up to `depth` stand; a container that is open is its parent's last item.
  [[nodiscard]] std::string pointer(std::size_t depth) const {
    std::string text;
    for (std::size_t level = 0; level < depth; ++level) {
      const JsonValue& parent = *open_[level];
      text += '/';
      text += parent.type == Type::kObject ? pointer_part(parent.keys.back())
                                           : std::to_string(parent.items.size() - 1);
    }
    return text;
  }

  // The pointer of the value that is about to be added.
  [[nodiscard]] std::string next_pointer() const {
    if (open_.empty()) return "";
    const JsonValue& parent = *open_.back();
    return pointer(open_.size() - 1) + "/" +
           (parent.type == Type::kObject ? pointer_part(parent.keys.back())
                                         : std::to_string(parent.items.size()));
  }

  [[noreturn]] void refuse(const std::string& what, const std::string& fix) const {
    const std::string where = open_.empty() ? "" : printable(next_pointer()) + ": ";
    throw Error(std::string(source_) + ": " + where + what + "; " + fix);
  }

  [[noreturn]] void refuse_integer(const std::string& token) const {
    refuse("the integer " + printable(token, 40) + " does not fit in 64 bits", "write it as a string");
  }

  [[noreturn]] void refuse_at(std::size_t position, const std::string& what, const std::string& fix) const {
    const std::string_view read = text_.substr(0, position == 0 ? 0 : position - 1);
    const auto line = 1 + std::count(read.begin(), read.end(), '\n');
    const std::size_t break_at = read.rfind('\n');
    const std::string_view in_line = break_at == std::string_view::npos ? read : read.substr(break_at + 1);
    const auto column = 1 + std::count_if(in_line.begin(), in_line.end(), [](char character) {
                          return (static_cast<unsigned char>(character) & 0xC0U) != 0x80U;
                        });
    throw Error(std::string(source_) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
                what + "; " + fix);
  }

  // The parser's message without its tag, its own idea of the position, and the raw bytes it last read.
  static std::string cause_of(std::string_view message) {
    const std::size_t column = message.find(", column ");
    const std::size_t colon = message.find(": ", column == std::string_view::npos ? 0 : column);
    std::string cause(colon == std::string_view::npos ? message : message.substr(colon + 2));
    const std::size_t last_read = cause.find("; last read: '");
    if (last_read != std::string::npos) {
      const std::size_t expected = cause.rfind("'; expected ");
      cause.erase(last_read, expected == std::string::npos ? std::string::npos : expected + 1 - last_read);
    }
    return printable(cause, 200);
  }

  std::string_view text_;
  std::string_view source_;
  JsonValue& root_;
  std::vector<JsonValue*> open_;
  std::size_t count_ = 0;
};

}  // namespace

JsonValue parse_json(std::string_view text, std::string_view source) {
  if (text.size() > kLargestJson) {
    throw Error(std::string(source) + ": the text has " + std::to_string(text.size()) + " bytes, more than " +
                std::to_string(kLargestJson) + " (16 MiB); split it");
  }
  JsonValue root;
  Builder builder(text, source, root);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return root;
}

}  // namespace saga_harness::internal
