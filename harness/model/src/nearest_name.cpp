#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <saga_harness/saga_index.hpp>

namespace saga_harness {
namespace {

constexpr std::size_t kLongestCompared = 200;

// Edits that turn one into the other: insert, remove, replace, swap neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::uint16_t, kLongestCompared + 1>;
  std::array<Row, 3> rows;  // row i is rows[i % 3]
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<std::uint16_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& row = rows[i % 3];
    const Row& last = rows[(i - 1) % 3];
    const Row& before_last = rows[(i + 1) % 3];
    row[0] = static_cast<std::uint16_t>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      int edits = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      edits = std::min({edits, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        edits = std::min(edits, before_last[j - 2] + 1);
      }
      row[j] = static_cast<std::uint16_t>(edits);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > kLongestCompared) return {};
  std::string_view best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestCompared) continue;
    // Where more than half would have to change, it is another name and not a slip of the finger.
    const std::size_t farthest = std::max(name.size(), candidate.size()) / 2;
    const std::size_t shorter = std::min(name.size(), candidate.size());
    if (std::max(name.size(), candidate.size()) - shorter > farthest) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance > farthest) continue;
    if (best.empty() || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace saga_harness
