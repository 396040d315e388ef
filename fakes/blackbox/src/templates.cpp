#include "templates.hpp"

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::blackbox {
namespace {

using internal::JsonValue;

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

/// The end of the placeholder that begins at `begin` (a brace), or npos if none does.
std::size_t parse(std::string_view text, std::size_t begin, Placeholder& found) {
  std::size_t at = begin + 1;
  while (at < text.size() && is_name_character(text[at])) ++at;
  if (at == begin + 1 || at == text.size()) return std::string_view::npos;
  found = {.name = text.substr(begin + 1, at - begin - 1)};
  if (text[at] == '}') return at + 1;
  if (text[at] != ':') return std::string_view::npos;
  const std::size_t end = text.find_first_of("{}\" ", at);
  if (end == std::string_view::npos || text[end] != '}') return std::string_view::npos;
  found.has_argument = true;
  found.argument = text.substr(at + 1, end - at - 1);
  return end + 1;
}

/// Calls one of the two for every part of the text.
template <class Plain, class Hole>
void split(std::string_view text, Plain plain, Hole hole) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    Placeholder found;
    const std::size_t end = text[at] == '{' ? parse(text, at, found) : std::string_view::npos;
    if (end == std::string_view::npos) {
      ++at;
      continue;
    }
    plain(text.substr(begin, at - begin));
    hole(found);
    begin = at = end;
  }
  plain(text.substr(begin));
}

std::string object_of(const std::map<std::string, std::string, std::less<>>& urls) {
  std::string json;
  internal::JsonWriter writer(json);
  writer.begin_object();
  for (const auto& [name, url] : urls) {
    writer.key(name);
    writer.string(url);
  }
  writer.end_object();
  return json;
}

std::string value_of(const Placeholder& placeholder, const TemplateValues& values) {
  const bool is_run = placeholder.name == "service_url";
  if (is_run || placeholder.name == "shared_url") {
    const auto& urls = is_run ? values.service_urls : values.shared_urls;
    const auto found = urls.find(placeholder.argument);
    if (found != urls.end()) return found->second;
    throw Error(ErrorText{.message = fmt::format("{{{}:{}}}: there is no such service", placeholder.name,
                                                 placeholder.argument)});
  }
  if (placeholder.name == "service_urls") return object_of(values.service_urls);
  if (placeholder.name == "shared_urls") return object_of(values.shared_urls);
  const auto found = values.texts.find(placeholder.name);
  if (found != values.texts.end()) return found->second;
  throw Error(ErrorText{.message = fmt::format("{{{}}} means nothing here", placeholder.name)});
}

bool is_object(std::string_view name) {
  return name == "context" || name == "service_urls" || name == "shared_urls";
}

void fill_in(JsonValue& value, const TemplateValues& values) {
  if (value.type == JsonValue::Type::kString) {
    Placeholder found;
    const bool is_whole =
        value.string.starts_with('{') && parse(value.string, 0, found) == value.string.size();
    if (is_whole && is_object(found.name)) {
      value = internal::parse_json(value_of(found, values), "a template");
      return;  // what was filled in is data: its own braces are not looked at
    }
    value.string = fill(value.string, values);
  }
  for (JsonValue& item : value.items) fill_in(item, values);
}

}  // namespace

void for_each_placeholder(std::string_view text, const std::function<void(const Placeholder&)>& visit) {
  split(
      text, [](std::string_view) {}, visit);
}

void for_each_string(const JsonValue& value, const std::function<void(const std::string&)>& visit) {
  if (value.type == JsonValue::Type::kString) visit(value.string);
  for (const JsonValue& item : value.items) for_each_string(item, visit);
}

std::string fill(std::string_view text, const TemplateValues& values) {
  std::string filled;
  split(
      text, [&](std::string_view plain) { filled += plain; },
      [&](const Placeholder& placeholder) { filled += value_of(placeholder, values); });
  return filled;
}

std::string fill_json(std::string_view json, const TemplateValues& values) {
  JsonValue value = internal::parse_json(json, "body");
  fill_in(value, values);
  std::string text;
  internal::append_json(text, value);
  return text;
}

}  // namespace saga_harness::blackbox
