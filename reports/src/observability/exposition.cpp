#include "observability/exposition.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "text/foreign_text.hpp"

namespace saga_harness::reports {
namespace {

constexpr std::size_t kLongestLabel = 200;

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : clean(text, kLongestLabel)) {
    if (c == '\\' || c == '"') result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

void Histogram::add(std::int64_t microseconds) {
  const auto bucket = std::ranges::lower_bound(kBuckets, microseconds);
  ++counts[static_cast<std::size_t>(bucket - kBuckets.begin())];
  sum += microseconds;
}

std::string seconds_text(std::int64_t microseconds) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::string sign = microseconds < 0 ? "-" : "";
  const std::int64_t size = microseconds < 0 ? -microseconds : microseconds;
  std::string text = fmt::format("{}{}.{:06}", sign, size / kSecond, size % kSecond);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::line(std::string_view suffix, const Labels& labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  std::string_view separator = "{";
  for (const auto& [name, content] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", separator, name, escaped(content));
    separator = ",";
  }
  if (!labels.empty()) text_ += '}';
  text_ += fmt::format(" {}\n", value);
}

void Exposition::sample(const Labels& labels, std::uint64_t value) {
  line("", labels, fmt::format("{}", value));
}

void Exposition::sample(const Labels& labels, double value) { line("", labels, fmt::format("{}", value)); }

void Exposition::sample(const Labels& labels, const Histogram& histogram) {
  std::uint64_t count = 0;
  Labels with_bound = labels;
  auto& bound = with_bound.emplace_back("le", "").second;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    count += histogram.counts[i];
    bound = i < kBuckets.size() ? seconds_text(kBuckets[i]) : "+Inf";
    line("_bucket", with_bound, fmt::format("{}", count));
  }
  line("_sum", labels, seconds_text(histogram.sum));
  line("_count", labels, fmt::format("{}", count));
}

}  // namespace saga_harness::reports
