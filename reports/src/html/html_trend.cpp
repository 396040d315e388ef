#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "html/html.hpp"
#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness::reports {

namespace {

constexpr std::size_t kMost = 50;

struct Changes {
  std::vector<std::string> lost = {};     ///< held before, and not now
  std::vector<std::string> gained = {};   ///< held now, and not before
  std::vector<std::string> unknown = {};  ///< not there before
  std::vector<std::string> gone = {};     ///< not there now
};

Changes changes_of(const SagaReport& saga, const BaselineSaga& before) {
  Changes changes;
  std::map<std::string_view, CellStatus> now;
  for (const ReportCell& cell : saga.cells) now.emplace(cell.name, cell.status);
  for (const auto& [name, was] : before.cells) {
    const auto is = now.find(name);
    if (is == now.end()) {
      changes.gone.push_back(name);
      continue;
    }
    const bool held = is->second == CellStatus::kHeld;
    if (was == CellStatus::kHeld && !held)
      changes.lost.push_back(fmt::format("{}: {} now", name, look_of(is->second).word));
    if (was != CellStatus::kHeld && held) changes.gained.push_back(name);
    now.erase(is);
  }
  for (const auto& [name, status] : now)
    changes.unknown.push_back(fmt::format("{}: {}", name, look_of(status).word));
  return changes;
}

std::string list(std::string_view title, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text = fmt::format("<li>{} {}<ul>", counted(names.size(), "cell"), title);
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += "<li>" + code(names[i]) + "</li>";
  if (names.size() > kMost) text += fmt::format("<li>and {} more</li>", names.size() - kMost);
  return text + "</ul></li>\n";
}

std::string row(std::string_view name, std::uint64_t before, std::uint64_t now) {
  const std::string change = now == before  ? std::string("=")
                             : now > before ? fmt::format("+{}", now - before)
                                            : fmt::format("−{}", before - now);
  return table_row({std::string(name), fmt::format("{}", before), fmt::format("{}", now), change});
}

}  // namespace

std::string html_trend(const SagaReport& saga, const BaselineSaga* before) {
  std::string text = "<h3>Since the baseline</h3>\n";
  if (before == nullptr) return text + "<p>The baseline does not know this saga.</p>\n";
  if (before->definition_hash != saga.definition_hash) text += "<p>The definition has changed since.</p>\n";
  text += table_head("Cells, then and now", {"cells", "baseline", "now", "change"});
  const auto of = [](const CellCounts& counts, CellStatus status) {
    return counts.by_status[static_cast<std::size_t>(status)];
  };
  text += row("to be covered", before->counts.denominator, saga.counts.denominator);
  text += row("fired", before->counts.fired, saga.counts.fired);
  text += row("held", before->counts.held, saga.counts.held);
  text += row("violated", of(before->counts, CellStatus::kViolated), of(saga.counts, CellStatus::kViolated));
  text += row("excluded", of(before->counts, CellStatus::kExcluded), of(saga.counts, CellStatus::kExcluded));
  text += "</tbody></table></div>\n";
  const Changes changes = changes_of(saga, *before);
  std::string lists = list("no longer held", changes.lost) + list("held for the first time", changes.gained) +
                      list("not known then", changes.unknown) + list("no longer there", changes.gone);
  if (lists.empty()) return text + "<p>No cell has changed.</p>\n";
  return text + "<ul>\n" + lists + "</ul>\n";
}

}  // namespace saga_harness::reports
