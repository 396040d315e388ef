#include "text/matrix.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace saga_harness {

namespace {

using reports::Ink;
using reports::ink_of;
using reports::InkedText;

constexpr std::array kStatuses = {CellStatus::kHeld,     CellStatus::kViolated,   CellStatus::kVacuous,
                                  CellStatus::kNotFired, CellStatus::kNotReached, CellStatus::kUnreachable,
                                  CellStatus::kExcluded};
static_assert(kStatuses.size() == kCellStatusCount);
constexpr std::size_t kColumnWidth = 7;
constexpr std::size_t kGap = 1;

std::string_view glyph_of(CellStatus status, const Style& style) {
  switch (status) {
    case CellStatus::kHeld:
      return style.ascii ? "+" : "✓";
    case CellStatus::kViolated:
      return style.ascii ? "X" : "✗";
    case CellStatus::kVacuous:
      return "?";
    case CellStatus::kNotFired:
      return style.ascii ? "." : "·";
    case CellStatus::kNotReached:
      return style.ascii ? "-" : "–";
    case CellStatus::kExcluded:
      return "x";
    case CellStatus::kUnreachable:
      return "o";
  }
  return "";
}

std::string_view status_word(CellStatus status) {
  switch (status) {
    case CellStatus::kHeld:
      return "held";
    case CellStatus::kViolated:
      return "violated";
    case CellStatus::kVacuous:
      return "vacuous";
    case CellStatus::kNotFired:
      return "not fired";
    case CellStatus::kNotReached:
      return "not reached";
    case CellStatus::kExcluded:
      return "excluded";
    case CellStatus::kUnreachable:
      return "unreachable";
  }
  return "";
}

/// One place in the matrix: a cell, or the several instants at which a coordinator can crash.
struct Place {
  std::size_t legal = 0;
  std::array<std::size_t, kStatuses.size()> by_status = {};

  void add(CellStatus status) {
    legal += 1;
    by_status[static_cast<std::size_t>(status)] += 1;
  }
  [[nodiscard]] std::size_t held() const { return by_status[0]; }
  /// The worst of what struck; if nothing did, why.
  [[nodiscard]] CellStatus status() const {
    for (const CellStatus worst :
         {CellStatus::kViolated, CellStatus::kVacuous, CellStatus::kHeld, CellStatus::kNotFired,
          CellStatus::kNotReached, CellStatus::kUnreachable}) {
      if (by_status[static_cast<std::size_t>(worst)] > 0) return worst;
    }
    return CellStatus::kExcluded;
  }
};

struct Row {
  StepId step = kNoStep;
  Operation operation = Operation::kAction;
  std::array<Place, kFaultKindCount> places = {};
};

std::vector<Row> rows_of(const Exploration& exploration) {
  std::vector<Row> rows;
  for (const Cell& cell : exploration.cells) {
    const auto same = [&](const Row& row) {
      return row.step == cell.step && (row.operation == cell.operation || row.step == kNoStep);
    };
    auto row = std::find_if(rows.begin(), rows.end(), same);
    if (row == rows.end()) row = rows.insert(row, Row{.step = cell.step, .operation = cell.operation});
    row->places[static_cast<std::size_t>(cell.kind)].add(cell.status);
  }
  return rows;
}

/// A word in two where it does not fit into a column: after a syllable where we know one, else as far as it
/// fits.
std::vector<std::string> divided(std::string_view word) {
  struct Division {
    std::string_view first, second;
  };
  constexpr std::array kDivisions = {
      Division{"re", "jected"},    Division{"unauth", "orized"}, Division{"con", "flict"},
      Division{"unavai", "lable"}, Division{"partic", "ipant"},  Division{"dupli", "cated"},
      Division{"re", "ordered"},   Division{"compen", "sation"}, Division{"mis", "matched"},
      Division{"dead", "line"},    Division{"coordi", "nator"},  Division{"take", "over"}};
  std::vector<std::string> lines;
  for (const Division& division : kDivisions) {
    if (!word.starts_with(division.first) || !word.ends_with(division.second)) continue;
    if (word.size() != division.first.size() + division.second.size()) continue;
    if (division.first.size() >= kColumnWidth) break;
    lines.push_back(std::string(division.first) + "-");
    word.remove_prefix(division.first.size());
    break;
  }
  for (; word.size() > kColumnWidth; word.remove_prefix(kColumnWidth - 1)) {
    lines.push_back(std::string(word.substr(0, kColumnWidth - 1)) + "-");
  }
  lines.emplace_back(word);
  return lines;
}

/// The name of a kind with its words one below the other: `request`, `dupli-`, `cated`.
std::vector<std::string> heading_of(FaultKind kind) {
  std::vector<std::string> lines;
  std::string_view rest = name_of(kind);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('_'), rest.size());
    std::ranges::move(divided(rest.substr(0, end)), std::back_inserter(lines));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

/// A line of the matrix: a label, then cells of equal width.
class Line {
 public:
  Line(InkedText label, std::size_t label_width) : cells_{std::move(label)}, label_width_(label_width) {}
  void add(InkedText cell) { cells_.push_back(std::move(cell)); }

  [[nodiscard]] std::string draw(const Style& style) const {
    std::string result;
    std::size_t owed = 2;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const std::size_t width = i == 0 ? label_width_ + 1 : kColumnWidth;
      if (!cells_[i].text.empty()) {
        result.append(owed, ' ').append(reports::inked(cells_[i].text, cells_[i].ink, style));
        owed = 0;
      }
      owed += std::max(width, reports::width_of(cells_[i].text)) - reports::width_of(cells_[i].text) + kGap;
    }
    return result + '\n';
  }

 private:
  std::vector<InkedText> cells_;
  std::size_t label_width_;
};

std::string draw_headings(std::span<const FaultKind> kinds, std::size_t label_width, const Style& style) {
  std::vector<std::vector<std::string>> headings;
  std::size_t height = 0;
  for (const FaultKind kind : kinds) {
    headings.push_back(heading_of(kind));
    height = std::max(height, headings.back().size());
  }
  std::string result;
  for (std::size_t i = 0; i < height; ++i) {
    Line line({}, label_width);
    for (const auto& heading : headings) {
      const std::size_t above = height - heading.size();
      line.add({i < above ? std::string() : heading[i - above], Ink::kFaint});
    }
    result += line.draw(style);
  }
  return result;
}

InkedText draw_place(const Place& place, const Style& style) {
  if (place.legal == 0) return {};
  const CellStatus status = place.status();
  if (place.legal == 1) return {std::string(glyph_of(status, style)), ink_of(status)};
  const bool partly = status == CellStatus::kHeld && place.held() < place.legal;
  return {fmt::format("{} {}/{}", glyph_of(status, style), place.held(), place.legal),
          partly ? Ink::kDoubt : ink_of(status)};
}

// What is rare is explained where it stands.
std::string draw_legend(const Exploration& exploration, const Style& style) {
  std::vector<std::pair<InkedText, std::string>> entries;
  const auto add = [&entries](std::string glyph, Ink ink, std::string meaning) {
    auto& [inked_glyph, its_meaning] = entries.emplace_back();
    inked_glyph.text = std::move(glyph);
    inked_glyph.ink = ink;
    its_meaning = std::move(meaning);
  };
  for (const CellStatus status : kStatuses) {
    const bool is_rare = status == CellStatus::kUnreachable || status == CellStatus::kExcluded;
    if (is_rare && exploration.count(status) == 0) continue;
    std::string meaning(status_word(status));
    if (status == CellStatus::kUnreachable) meaning += ": its instant never comes within these bounds";
    if (status == CellStatus::kVacuous) meaning += ": struck, but no rule judged the run";
    add(std::string(glyph_of(status, style)), ink_of(status), std::move(meaning));
  }
  const std::string held(glyph_of(CellStatus::kHeld, style));
  add(held + " 6/8", Ink::kDoubt, "six of eight instants held");
  add("blank", Ink::kPlain, "not legal");

  std::string result;
  std::size_t column = 0;
  for (const auto& [glyph, meaning] : entries) {
    const std::size_t width = reports::width_of(glyph.text) + 1 + meaning.size();
    const bool breaks = column != 0 && column + 2 + width > style.width;
    if (breaks) result += '\n';
    column = (breaks ? 0 : column) + 2 + width;
    result += fmt::format("  {} {}", reports::inked(glyph.text, glyph.ink, style), meaning);
  }
  return result + '\n';
}

/// Where cells of one kind and instant have one status.
std::vector<std::string> places_of(CellStatus status, FaultKind kind, Instant instant, const SagaIndex& saga,
                                   const Exploration& exploration) {
  std::vector<std::string> names;
  std::size_t legal = 0;
  for (const Cell& cell : exploration.cells) {
    if (cell.kind != kind || cell.instant != instant) continue;
    legal += 1;
    if (cell.status == status) names.push_back(reports::row_name(cell.step, cell.operation, saga));
  }
  if (names.size() == legal && legal > 1) names = {"everywhere"};
  return names;
}

bool is_asked_for(FaultKind kind, const ExploreOptions& options) {
  return options.kinds.empty() ||
         std::find(options.kinds.begin(), options.kinds.end(), kind) != options.kinds.end();
}

}  // namespace

std::string coverage_matrix(const SagaIndex& saga, const Exploration& exploration, const Style& style) {
  const std::vector<Row> rows = rows_of(exploration);
  std::vector<FaultKind> kinds;
  for (std::size_t i = 0; i < kFaultKindCount; ++i) {
    const bool legal =
        std::any_of(rows.begin(), rows.end(), [i](const Row& row) { return row.places[i].legal > 0; });
    if (legal) kinds.push_back(static_cast<FaultKind>(i));
  }
  std::vector<std::string> labels;
  std::size_t label_width = 0;
  for (const Row& row : rows) {
    labels.push_back(reports::row_name(row.step, row.operation, saga));
    label_width = std::max(label_width, reports::width_of(labels.back()));
  }

  const std::size_t room = style.width > label_width + 3 ? style.width - label_width - 3 : 0;
  const std::size_t fitting = std::max<std::size_t>(room / (kColumnWidth + kGap), 4);
  const std::size_t blocks = kinds.empty() ? 0 : (kinds.size() + fitting - 1) / fitting;
  const std::size_t per_block = blocks == 0 ? 0 : (kinds.size() + blocks - 1) / blocks;

  std::string result;
  for (std::size_t first = 0; first < kinds.size(); first += per_block) {
    if (first != 0) result += '\n';
    const auto block = std::span(kinds).subspan(first, std::min(per_block, kinds.size() - first));
    result += draw_headings(block, label_width, style);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Line line({labels[i], Ink::kPlain}, label_width);
      bool any = false;
      for (const FaultKind kind : block) {
        const Place& place = rows[i].places[static_cast<std::size_t>(kind)];
        any = any || place.legal > 0;
        line.add(draw_place(place, style));
      }
      if (any) result += line.draw(style);
    }
  }
  return result + draw_legend(exploration, style);
}

namespace reports {

Ink ink_of(CellStatus status) {
  switch (status) {
    case CellStatus::kHeld:
      return Ink::kGood;
    case CellStatus::kViolated:
      return Ink::kBad;
    case CellStatus::kVacuous:
    case CellStatus::kNotFired:
    case CellStatus::kNotReached:
    case CellStatus::kExcluded:
    case CellStatus::kUnreachable:
      return Ink::kDoubt;
  }
  return Ink::kPlain;
}

std::string row_name(StepId step, Operation operation, const SagaIndex& saga) {
  if (step == kNoStep) return "saga";
  return printable(fmt::format("{}.{}", saga.step(step).name, name_of(operation)));
}

std::string draw_gaps(const SagaIndex& saga, const ExploreOptions& options, const Exploration& exploration,
                      const Style& style) {
  struct Group {
    std::vector<std::string> places = {};
    std::vector<std::string> faults = {};
  };
  std::string result;
  for (const CellStatus status : {CellStatus::kVacuous, CellStatus::kNotFired, CellStatus::kNotReached,
                                  CellStatus::kUnreachable, CellStatus::kExcluded}) {
    std::vector<Group> groups;
    for (std::size_t number = 0; number < kFaultKindCount * kInstantCount; ++number) {
      const auto kind = static_cast<FaultKind>(number / kInstantCount);
      const auto instant = static_cast<Instant>(number % kInstantCount);
      if (!is_asked_for(kind, options)) continue;
      std::vector<std::string> places = places_of(status, kind, instant, saga, exploration);
      if (places.empty()) continue;
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const Group& candidate) { return candidate.places == places; });
      if (group == groups.end()) group = groups.insert(group, {.places = std::move(places)});
      group->faults.push_back(instant == Instant::kCall
                                  ? std::string(name_of(kind))
                                  : fmt::format("{}@{}", name_of(kind), name_of(instant)));
    }
    for (Group& group : groups) {
      group.places.back() += ':';
      result += draw_list(fmt::format("  {:<14}", status_word(status)), group.places, ",", style);
      result += draw_list(std::string(18, ' '), group.faults, ",", style);
    }
  }
  std::vector<std::string> others;
  for (std::size_t kind = 0; kind < kFaultKindCount; ++kind) {
    const auto other = static_cast<FaultKind>(kind);
    if (!is_asked_for(other, options)) others.emplace_back(name_of(other));
  }
  return others.empty() ? result : result + draw_list("  not asked for ", others, ",", style);
}

}  // namespace reports
}  // namespace saga_harness
