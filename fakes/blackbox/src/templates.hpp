#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::blackbox {

/// `{name}` or `{name:argument}` as it stands in a text.
struct Placeholder {
  std::string_view name = {};
  std::string_view argument = {};  // empty: none
  bool has_argument = false;
};

/// Calls `visit` for every placeholder of `text`. Braces around anything else (JSON, say) are left alone.
void for_each_placeholder(std::string_view text, const std::function<void(const Placeholder&)>& visit);

/// What placeholders stand for in one run.
struct TemplateValues {
  std::map<std::string, std::string, std::less<>> texts = {};  ///< `saga_id`, `target`, …
  std::map<std::string, std::string, std::less<>> service_urls = {};
  std::map<std::string, std::string, std::less<>> shared_urls = {};
};

/// @throws Error if a placeholder has no value.
[[nodiscard]] std::string fill(std::string_view text, const TemplateValues& values);

/// The same in every string of a JSON text. A string that is nothing but a placeholder whose value is a JSON
/// object (`{context}`, `{service_urls}`, `{shared_urls}`) becomes that object.
[[nodiscard]] std::string fill_json(std::string_view json, const TemplateValues& values);

/// Calls `visit` for every string in a JSON text.
void for_each_string(const internal::JsonValue& value, const std::function<void(const std::string&)>& visit);

}  // namespace saga_harness::blackbox
