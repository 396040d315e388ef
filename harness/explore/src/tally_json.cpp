#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/rule_places.hpp>
#include <saga_harness_internal/tally.hpp>

namespace saga_harness {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

constexpr std::array<std::string_view, 11> kTallyKeys{
    "schedules", "violated_schedules", "pruned", "levels", "outcomes", "rules",
    "markers",   "findings",           "cells",  "earned", "sample"};
constexpr std::array<std::string_view, 7> kFindingKeys{"rule", "step",  "cause",    "explanation",
                                                       "plan", "order", "schedules"};
constexpr std::int64_t kMostSchedules = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostTallyLevels = 1000;

void write_count(JsonWriter& writer, std::uint64_t count) { writer.number(static_cast<std::int64_t>(count)); }

std::uint64_t read_count(const JsonReader& value) {
  return static_cast<std::uint64_t>(value.integer(0, kMostSchedules));
}

/// An array of so many counts.
template <std::size_t kSize>
std::array<std::uint64_t, kSize> read_counts_of(const JsonReader& array) {
  const std::vector<JsonReader> items = array.items();
  if (items.size() != kSize) {
    array.refuse("there are " + std::to_string(items.size()) + " counts", "write this file anew");
  }
  std::array<std::uint64_t, kSize> counts{};
  for (std::size_t i = 0; i < kSize; ++i) counts[i] = read_count(items[i]);
  return counts;
}

StepId read_step(const JsonReader& value, const SagaIndex& saga) {
  const std::string& name = value.string();
  if (name.empty()) return kNoStep;
  const StepId step = saga.find_step(name);
  if (step == kNoStep) value.refuse("the saga has no step \"" + name + "\"", "write this file anew");
  return step;
}

std::string name_of_step(StepId step, const SagaIndex& saga) {
  return step == kNoStep ? std::string() : saga.step(step).name;
}

Cause read_cause(const JsonReader& value) {
  const std::optional<Cause> cause = cause_of_number(
      static_cast<std::uint32_t>(value.integer(0, std::numeric_limits<std::uint32_t>::max())));
  if (!cause) value.refuse("there is no such cause", "write this file anew");
  return *cause;
}

void write_order(JsonWriter& writer, const ScheduleOrder& order) {
  writer.begin_array();
  for (const auto& [position, answer] : order.answers) {
    writer.number(std::int64_t{position});
    writer.number(std::int64_t{answer});
  }
  writer.end_array();
}

ScheduleOrder read_order(const JsonReader& array) {
  const std::vector<JsonReader> items = array.items();
  ScheduleOrder order;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    order.answers.push_back(
        {static_cast<std::uint32_t>(items[i].integer(0, std::numeric_limits<std::uint32_t>::max())),
         static_cast<std::uint16_t>(items[i + 1].integer(1, std::numeric_limits<std::uint16_t>::max()))});
  }
  return order;
}

}  // namespace

void Coverage::write(JsonWriter& writer, const SagaIndex& saga) const {
  writer.begin_array();
  for (const Cell& cell : cells_) {
    const std::uint64_t met = met_[instant_of(cell.step, cell.operation, cell.instant)];
    if (runs_that_met(cell) == 0) continue;
    writer.begin_array();
    writer.string(name_of_step(cell.step, saga));
    writer.string(name_of(cell.operation));
    writer.string(name_of(cell.instant));
    writer.string(name_of(cell.kind));
    for (const std::uint64_t count : {met, cell.fired, cell.judged, cell.violated})
      write_count(writer, count);
    for (const std::uint64_t count : cell.outcomes) write_count(writer, count);
    writer.end_array();
  }
  writer.end_array();
}

void Coverage::read(const JsonReader& array, const SagaIndex& saga) {
  constexpr std::size_t kNames = 4;
  constexpr std::size_t kCounts = 4;
  for (const JsonReader& row : array.items()) {
    const std::vector<JsonReader> items = row.items();
    if (items.size() != kNames + kCounts + Cell{}.outcomes.size()) {
      row.refuse("a cell has other columns here", "write this file anew");
    }
    Point point;
    point.step = read_step(items[0], saga);
    point.operation = parse_operation(items[1].string());
    point.instant = parse_instant(items[2].string());
    Cell& cell = cell_of(point, parse_fault_kind(items[3].string()));
    met_[instant_of(cell.step, cell.operation, cell.instant)] = read_count(items[kNames]);
    cell.fired += read_count(items[kNames + 1]);
    cell.judged += read_count(items[kNames + 2]);
    cell.violated += read_count(items[kNames + 3]);
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i)
      cell.outcomes[i] += read_count(items[kNames + kCounts + i]);
  }
}

namespace {

void write_earned(JsonWriter& writer, const Earned& earned) {
  writer.begin_array();
  for (const bool each :
       {earned.asked, earned.compensated, earned.flagged, earned.flag_judged, earned.key_changed})
    writer.boolean(each);
  writer.number(earned.without_faults ? static_cast<std::int64_t>(*earned.without_faults) : std::int64_t{-1});
  writer.end_array();
}

Earned read_earned(const JsonReader& array) {
  constexpr std::size_t kParts = 6;
  const std::vector<JsonReader> parts = array.items();
  if (parts.size() != kParts) array.refuse("it has other parts here", "write this file anew");
  Earned earned{.asked = parts[0].boolean(),
                .compensated = parts[1].boolean(),
                .flagged = parts[2].boolean(),
                .flag_judged = parts[3].boolean(),
                .key_changed = parts[4].boolean()};
  const std::int64_t outcome = parts[5].integer(-1, static_cast<std::int64_t>(Outcome::kFlagged));
  if (outcome >= 0) earned.without_faults = static_cast<Outcome>(outcome);
  return earned;
}

void write_drawn(JsonWriter& writer, const Sample::Drawn& drawn) {
  writer.begin_array();
  writer.string(fmt::format("{:016x}", drawn.rank));
  writer.string(fmt::format("{:016x}", drawn.digest));
  writer.string(drawn.plan);
  writer.end_array();
}

std::uint64_t read_hash(const JsonReader& value) {
  constexpr int kHexadecimal = 16;
  const std::string& digits = value.string();
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), hash, kHexadecimal);
  if (error != std::errc() || end != digits.data() + digits.size())
    value.refuse("these are not hexadecimal digits", "write this file anew");
  return hash;
}

Sample::Drawn read_drawn(const JsonReader& array) {
  constexpr std::size_t kParts = 3;
  const std::vector<JsonReader> parts = array.items();
  if (parts.size() != kParts) array.refuse("it has other parts here", "write this file anew");
  return {.rank = read_hash(parts[0]), .digest = read_hash(parts[1]), .plan = parts[2].string()};
}

}  // namespace

std::string Tally::to_json() const {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  writer.key("schedules");
  write_count(writer, counts_.schedules);
  writer.key("violated_schedules");
  write_count(writer, counts_.violated_schedules);
  writer.key("pruned");
  write_count(writer, counts_.pruned);
  writer.key("levels");
  writer.begin_array();
  for (const LevelCount& level : counts_.levels) write_count(writer, level.schedules);
  writer.end_array();
  writer.key("outcomes");
  writer.begin_array();
  for (const std::uint64_t count : counts_.outcomes) write_count(writer, count);
  writer.end_array();
  writer.key("rules");
  writer.begin_object();
  for (std::size_t i = 0; i < counts_.rules.size(); ++i) {
    const RuleCount& rule = counts_.rules[i];
    writer.key(text_of(static_cast<Rule>(i), *experiment_));
    writer.begin_array();
    for (const std::uint64_t count : {rule.held, rule.violated, rule.unknown, rule.not_applicable})
      write_count(writer, count);
    writer.end_array();
  }
  writer.end_object();
  writer.key("markers");
  writer.begin_array();
  for (const std::string& marker : counts_.markers) writer.string(marker);
  writer.end_array();
  writer.key("findings");
  writer.begin_array();
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const Finding& finding = counts_.findings[i];
    writer.begin_object();
    writer.key("rule");
    writer.string(text_of(known_[i].violation.violation.rule, *experiment_));
    writer.key("step");
    writer.string(finding.step);
    writer.key("cause");
    writer.number(std::int64_t{number_of(known_[i].violation.cause)});
    writer.key("explanation");
    writer.string(finding.explanation);
    writer.key("plan");
    writer.string(to_string(finding.plan));
    writer.key("order");
    write_order(writer, known_[i].order);
    writer.key("schedules");
    write_count(writer, finding.schedules);
    writer.end_object();
  }
  writer.end_array();
  writer.key("cells");
  coverage_.write(writer, *saga_);
  writer.key("earned");
  write_earned(writer, counts_.earned);
  writer.key("sample");
  writer.begin_array();
  for (const Sample::Drawn& drawn : sample_.drawn()) write_drawn(writer, drawn);
  writer.end_array();
  writer.end_object();
  return text;
}

void Tally::read_counts(const JsonReader& object) {
  counts_.schedules = read_count(object.at("schedules"));
  counts_.violated_schedules = read_count(object.at("violated_schedules"));
  counts_.pruned = read_count(object.at("pruned"));
  const std::vector<JsonReader> levels = object.at("levels").items();
  if (std::cmp_greater(levels.size(), kMostTallyLevels)) {
    object.at("levels").refuse("there are too many levels", "write this file anew");
  }
  open_level(static_cast<int>(levels.size()) - 1);
  for (std::size_t i = 0; i < levels.size(); ++i) counts_.levels[i].schedules = read_count(levels[i]);
  counts_.outcomes = read_counts_of<4>(object.at("outcomes"));
  for (std::size_t i = 0; i < counts_.rules.size(); ++i) {
    RuleCount& rule = counts_.rules[i];
    const auto counts = read_counts_of<4>(object.at("rules").at(text_of(static_cast<Rule>(i), *experiment_)));
    rule = {counts[0], counts[1], counts[2], counts[3], rule.invariant};
  }
  for (const JsonReader& marker : object.at("markers").items()) add_marker(marker.string());
}

void Tally::read_findings(const JsonReader& object) {
  for (const JsonReader& row : object.at("findings").items()) {
    row.expect_keys("a finding", kFindingKeys);
    const CausedViolation violation{
        {parse_place(row.at("rule").string(), *experiment_), read_step(row.at("step"), *saga_)},
        read_cause(row.at("cause"))};
    const std::size_t at = find_or_add(violation);
    known_[at].order = read_order(row.at("order"));
    Finding& finding = counts_.findings[at];
    finding.explanation = row.at("explanation").string();
    finding.plan = resolve(parse_plan(row.at("plan").string()), *saga_);
    finding.schedules = read_count(row.at("schedules"));
  }
}

void Tally::read_sample(const JsonReader& array) {
  for (const JsonReader& row : array.items()) sample_.add(read_drawn(row), counts_.schedules);
}

Tally Tally::read(const JsonReader& object, const Experiment& experiment,
                  const std::vector<FaultKind>& asked) {
  object.expect_keys("a tally", kTallyKeys);
  Tally tally(experiment, asked);
  tally.read_counts(object);
  tally.read_findings(object);
  tally.coverage_.read(object.at("cells"), *tally.saga_);
  tally.counts_.earned = read_earned(object.at("earned"));
  tally.read_sample(object.at("sample"));
  return tally;
}

}  // namespace saga_harness
