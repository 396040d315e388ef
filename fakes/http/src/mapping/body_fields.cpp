#include "mapping/body_fields.hpp"

#include <algorithm>
#include <charconv>

#include <saga_harness/error.hpp>

namespace saga_harness::http {
namespace {

using internal::JsonValue;

/// Walks through JSON text without keeping any of it. After anything unusual `is_unsure` is set.
class Skimmer {
 public:
  explicit Skimmer(std::string_view text) : text_(text) {}

  [[nodiscard]] bool is_unsure() const noexcept { return is_unsure_; }

  /// Enters the object that begins here and stops before the value of `key`. False: it has none.
  bool enter(std::string_view key) {
    if (!take('{')) return false;  // no object: it has no members
    if (take('}')) return false;
    do {
      const std::string_view name = string();
      if (is_unsure_ || !expect(':')) return false;
      if (name == key) return true;
      skip_value();
    } while (!is_unsure_ && take(','));
    expect('}');
    return false;
  }

  /// The string or integer that stands here, as text.
  std::string_view scalar() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '"') return string();
    const std::size_t begin = at_;
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    const std::string_view digits = text_.substr(begin, at_ - begin);
    const bool ends = at_ < text_.size() && std::string_view(",} \t\r\n").find(text_[at_]) != kNone;
    constexpr std::size_t kLongest = 18;  // what fits into an integer for certain
    const bool is_plain = !digits.starts_with("-0") && (digits.size() == 1 || !digits.starts_with('0'));
    if (!digits.empty() && digits != "-" && ends && is_plain && digits.size() <= kLongest) return digits;
    is_unsure_ = !digits.empty() || at_ >= text_.size();
    return {};
  }

 private:
  static constexpr std::size_t kNone = std::string_view::npos;

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != kNone) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool expect(char c) {
    if (!take(c)) is_unsure_ = true;
    return !is_unsure_;
  }

  // One with a backslash is not decoded here.
  std::string_view string() {
    if (!expect('"')) return {};
    const std::size_t begin = at_;
    at_ = text_.find_first_of("\"\\", at_);
    if (at_ == kNone || text_[at_] == '\\') {
      at_ = text_.size();
      is_unsure_ = true;
      return {};
    }
    return text_.substr(begin, at_++ - begin);
  }

  void skip_value() {
    skip_space();
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return;
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    }
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool is_unsure_ = false;
};

/// nullopt: it has to be read as a whole.
std::optional<std::string_view> skimmed(std::string_view body, std::string_view pointer) {
  Skimmer skimmer(body);
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view key = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(key.size());
    const bool may_be_a_place = !key.empty() && key.front() >= '0' && key.front() <= '9';
    if (may_be_a_place || key.find('~') != std::string_view::npos) return std::nullopt;
    if (skimmer.enter(key)) continue;
    return skimmer.is_unsure() ? std::nullopt : std::optional(std::string_view());
  }
  const std::string_view found = skimmer.scalar();
  return skimmer.is_unsure() ? std::nullopt : std::optional(found);
}

std::string scalar_at(const JsonValue& document, std::string_view pointer) {
  const JsonValue* value = &document;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    std::string part;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool is_escape = raw[i] == '~' && i + 1 < raw.size();
      part += is_escape ? (raw[++i] == '1' ? '/' : '~') : raw[i];
    }
    if (value->type == JsonValue::Type::kArray) {
      std::size_t place = 0;
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), place);
      if (error != std::errc() || end != part.data() + part.size() || place >= value->items.size()) return {};
      value = &value->items[place];
      continue;
    }
    const auto found = std::find(value->keys.begin(), value->keys.end(), part);
    if (value->type != JsonValue::Type::kObject || found == value->keys.end()) return {};
    value = &value->items[static_cast<std::size_t>(found - value->keys.begin())];
  }
  if (value->type == JsonValue::Type::kString) return value->string;
  if (value->type == JsonValue::Type::kInteger) return std::to_string(value->integer);
  return {};
}

}  // namespace

std::string BodyFields::find(std::string_view pointer) {
  const std::string_view last = pointer.substr(pointer.rfind('/') + 1);
  const bool has_escape =
      last.find('~') != std::string_view::npos || body_.find('\\') != std::string_view::npos;
  if (body_.empty() || (!has_escape && body_.find(last) == std::string_view::npos)) return {};
  if (!document_) {
    if (const auto text = skimmed(body_, pointer)) return std::string(*text);
    try {
      document_ = internal::parse_json(body_, "the body");
    } catch (const Error&) {  // no JSON: it has no fields
      document_.emplace();
    }
  }
  return scalar_at(*document_, pointer);
}

}  // namespace saga_harness::http
