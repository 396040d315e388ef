#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saga_harness::reports {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Upper bounds of the buckets of a histogram of durations, in microseconds.
inline constexpr std::array<std::int64_t, 15> kBuckets = {
    1'000,   2'500,     5'000,     10'000,    25'000,     50'000,     100'000,   250'000,
    500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000};

/// Durations as Prometheus counts them.
struct Histogram {
  std::array<std::uint64_t, kBuckets.size() + 1> counts = {};  ///< not cumulative; the last is what is longer
  std::int64_t sum = 0;                                        ///< microseconds

  void add(std::int64_t microseconds);
};

/// Writes metrics in the text format of Prometheus: families one after the other, each with its help and
/// type.
class Exposition {
 public:
  /// `type`: counter, gauge or histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of the family begun last; `labels` are foreign text.
  void sample(const Labels& labels, std::uint64_t value);
  void sample(const Labels& labels, double value);
  void sample(const Labels& labels, const Histogram& histogram);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, const Labels& labels, std::string_view value);

  std::string name_;
  std::string text_;
};

/// Microseconds as seconds, exactly: `0.002`, `10`.
[[nodiscard]] std::string seconds_text(std::int64_t microseconds);

}  // namespace saga_harness::reports
