#include <saga_harness/rule.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

constexpr std::array<std::string_view, kRuleCount> all_rule_names() {
  std::array<std::string_view, kRuleCount> names;
  std::ranges::transform(kRuleCatalogue, names.begin(), &RuleRow::name);
  return names;
}

bool is_built_in(Rule rule) { return static_cast<std::size_t>(rule) < kRuleCount; }

}  // namespace

std::string_view id_of(Rule rule) {
  if (rule == kOwnRule) return "own";
  return is_built_in(rule) ? row_of(rule).id : "?";
}

std::string_view name_of(Rule rule) {
  if (rule == kOwnRule) return "an invariant of one's own";
  return is_built_in(rule) ? row_of(rule).name : "?";
}

std::string_view describe(Rule rule) { return is_built_in(rule) ? row_of(rule).demands : ""; }

std::string label_of(Rule rule) {
  if (number_of(rule).empty() || rule == kOwnRule) return std::string(name_of(rule));
  return std::string(number_of(rule)) + " " + std::string(name_of(rule));
}

std::string_view number_of(Rule rule) {
  return is_built_in(rule) && !row_of(rule).is_numbered() ? std::string_view() : id_of(rule);
}

const RuleRow* find_rule(std::string_view text) {
  const auto found = std::ranges::find_if(
      kRuleCatalogue, [text](const RuleRow& row) { return row.id == text || row.name == text; });
  return found == kRuleCatalogue.end() ? nullptr : &*found;
}

bool is_newer(const RuleRow& row, std::string_view version) {
  // Versions are few, and in the catalogue in their order.
  std::vector<std::string_view> versions;
  for (const RuleRow& each : kRuleCatalogue) {
    if (versions.empty() || versions.back() != each.since) versions.push_back(each.since);
  }
  const auto at = std::ranges::find(versions, version);
  if (at == versions.end()) {
    throw Error(ErrorText{.message = "no rule has come with version " + internal::in_quotes(version),
                          .fix = fmt::format("there are {}", fmt::join(versions, ", "))});
  }
  return std::ranges::find(versions, row.since) > at;
}

Rule parse_rule(std::string_view text) {
  const RuleRow* row = find_rule(text);
  return row != nullptr ? row->rule : internal::value_in<Rule>(all_rule_names(), text, "rule");
}

}  // namespace saga_harness
