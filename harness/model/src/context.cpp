#include <saga_harness/context.hpp>

#include <cmath>
#include <map>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

std::string string_text(std::string_view string) {
  if (!internal::is_utf8(string)) {
    throw Error(
        ErrorText{.message = "the string " + internal::in_quotes(string) + " is not UTF-8 and cannot be JSON",
                  .fix = "encode it"});
  }
  std::string text;
  internal::append_json_string(text, string);
  return text;
}

std::string number_text(double value) {
  if (!std::isfinite(value))
    throw Error(
        ErrorText{.message = "JSON has no infinite number and no NaN", .fix = "use a string or null"});
  std::string text;
  internal::append_json_number(text, value);
  return text;
}

std::string canonical(const internal::JsonValue& value) {
  std::string text;
  internal::append_json(text, value);
  return text;
}

}  // namespace

Json::Json(const char* string) {
  if (string == nullptr)
    throw Error(
        ErrorText{.message = "a Json was made from a null pointer", .fix = "write Json::parse(\"null\")"});
  text_ = string_text(string);
}
Json::Json(std::string_view string) : text_(string_text(string)) {}
Json::Json(const std::string& string) : text_(string_text(string)) {}
Json::Json(bool value) : text_(value ? "true" : "false") {}
Json::Json(double value) : text_(number_text(value)) {}

std::string Json::integer_text(bool fits, std::int64_t value) {
  if (!fits)
    throw Error(ErrorText{.message = "an integer beyond 9223372036854775807 does not fit a Json",
                          .fix = "pass it as a string"});
  return std::to_string(value);
}

Json Json::parse(std::string_view text) {
  Json json;
  json.text_ = canonical(internal::parse_json(text, "JSON text"));
  return json;
}

Context::Context(std::initializer_list<std::pair<std::string_view, Json>> members) {
  std::map<std::string_view, const Json*> sorted;
  for (const auto& [name, value] : members) {
    if (!sorted.emplace(name, &value).second) {
      throw Error(ErrorText{.message = "context: the name " + internal::in_quotes(name) + " is given twice",
                            .fix = "remove one"});
    }
  }
  text_ = "{";
  for (const auto& [name, value] : sorted) {
    if (text_.size() > 1) text_ += ',';
    text_ += string_text(name) + ":" + value->text();
  }
  text_ += '}';
}

Context Context::parse(std::string_view text) {
  const internal::JsonValue value = internal::parse_json(text, "context");
  if (value.type != internal::JsonValue::Type::kObject) {
    throw Error(ErrorText{.message = "context: expected an object", .fix = "write it between { and }"});
  }
  Context context;
  context.text_ = canonical(value);
  return context;
}

}  // namespace saga_harness
