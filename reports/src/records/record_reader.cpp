#include "records/record_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include <fmt/format.h>

#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/saga_json.hpp>
#include <saga_harness_internal/text.hpp>

#include "json/verdict_json.hpp"
#include "records/record_format.hpp"
#include "text/run_text.hpp"

namespace saga_harness::reports {

namespace {

using internal::JsonReader;

constexpr std::string_view kMend = "have the records written anew";
constexpr std::int64_t kMostOfAny = std::numeric_limits<std::int32_t>::max();
constexpr std::string_view kNoFaults = "none";  // how an empty plan is written
constexpr int kMostShards = 1'000'000;

std::uint64_t number_in(const JsonReader& text, int base) {
  const std::string& digits = text.string();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    text.refuse(internal::in_quotes(digits) + " is no number of 64 bits", std::string(kMend));
  return number;
}

std::vector<std::string> strings_of(const JsonReader& array) {
  std::vector<std::string> strings;
  for (const JsonReader& item : array.items()) strings.push_back(item.string());
  return strings;
}

/// What `read` refuses is refused where the reader stands.
template <class Read>
auto at_its_place(const JsonReader& reader, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    reader.refuse(error.what(), std::string(kMend));
  }
}

/// What records were judged by that say only by how many rules, or not even that: then by the first sixteen.
constexpr std::size_t kFirstRuleCount = 16;
constexpr std::array<std::string_view, 25> kRulesBeforeTheyWereNamed{"I1",
                                                                     "I2",
                                                                     "I3",
                                                                     "I4",
                                                                     "I5",
                                                                     "I6",
                                                                     "I7",
                                                                     "I8",
                                                                     "I9",
                                                                     "I10",
                                                                     "I11",
                                                                     "I12",
                                                                     "I13",
                                                                     "I14",
                                                                     "I15",
                                                                     "I16",
                                                                     "I17",
                                                                     "I18",
                                                                     "I19",
                                                                     "I20",
                                                                     "I22",
                                                                     "I23",
                                                                     "I24",
                                                                     "refused though nothing failed",
                                                                     "compensated though nothing failed"};

const RuleRow& rule_named(const JsonReader& name) {
  const auto row = std::ranges::find(kRuleCatalogue, name.string(), &RuleRow::id);
  if (row == kRuleCatalogue.end()) name.refuse("there is no such rule", std::string(kMend));
  return *row;
}

/// The rules that runs of these records were judged by, in the order of their letters.
std::vector<const RuleRow*> judged_by(const JsonReader& object) {
  std::vector<const RuleRow*> rules;
  const auto given = object.find("rules");
  if (given && given->is_array()) {
    for (const JsonReader& name : given->items()) rules.push_back(&rule_named(name));
    return rules;
  }
  const auto most = static_cast<std::int64_t>(kRulesBeforeTheyWereNamed.size());
  const std::size_t count = given ? static_cast<std::size_t>(given->integer(0, most)) : kFirstRuleCount;
  for (const std::string_view id : std::span(kRulesBeforeTheyWereNamed).first(count))
    rules.push_back(&*std::ranges::find(kRuleCatalogue, id, &RuleRow::id));
  return rules;
}

std::vector<ReportInvariant> read_invariants(const JsonReader& object) {
  std::vector<ReportInvariant> invariants;
  for (const RuleRow* row : judged_by(object))
    invariants.push_back({.id = std::string(row->id), .name = std::string(row->name)});
  for (std::string& name : strings_of(object.at("invariants")))
    invariants.push_back({.id = std::string(id_of(kOwnRule)), .name = std::move(name)});
  for (const JsonReader& off : object.at("switched_off").items()) {
    const std::string& rule = off.at("rule").string();
    const std::string& name = off.at("name").string();
    const auto at = std::ranges::find_if(invariants, [&](const ReportInvariant& each) {
      return each.id == rule && (rule != id_of(kOwnRule) || each.name == name);
    });
    if (at == invariants.end()) off.refuse("there is no such rule", std::string(kMend));
    at->switched_off = off.at("reason").string();
  }
  return invariants;
}

SearchHead read_search(const JsonReader& object) {
  SearchHead head;
  head.search.max_faults = static_cast<int>(object.at("max_faults").integer(0, kMostOfAny));
  head.search.kinds = strings_of(object.at("kinds"));
  head.search.windows = object.at("windows").boolean();
  if (const auto swarm = object.find("swarm")) {
    head.search.swarm =
        Swarm{.seed = swarm->at("seed").string(), .schedules = read_count(swarm->at("schedules"))};
  }
  if (const auto shard = object.find("shard")) {
    head.search.shards = static_cast<int>(shard->at("of").integer(1, kMostShards));
    head.shard = static_cast<int>(shard->at("number").integer(1, head.search.shards));
  }
  if (const auto sample_ok = object.find("sample_ok")) head.search.sample_ok = sample_ok->boolean();
  if (const auto classes = object.find("classes")) head.search.by_classes = classes->boolean();
  if (const auto owes = object.find("owes")) head.owed = read_owed(*owes);
  return head;
}

void read_numbers(const JsonReader& object, std::string_view key, std::size_t limit,
                  std::vector<std::uint32_t>& numbers) {
  numbers.clear();
  const auto array = object.find(key);
  if (!array) return;
  for (const JsonReader& item : array->items())
    numbers.push_back(static_cast<std::uint32_t>(item.integer(0, static_cast<std::int64_t>(limit) - 1)));
}

/// Pairs of a number below `limit` and another.
template <class Second>
void read_pairs(const JsonReader& object, std::string_view key, std::size_t limit,
                std::vector<std::pair<std::uint32_t, Second>>& pairs) {
  pairs.clear();
  const auto array = object.find(key);
  if (!array) return;
  for (const JsonReader& item : array->items()) {
    const std::vector<JsonReader> parts = item.items();
    if (parts.size() != 2) item.refuse("it is no pair", std::string(kMend));
    pairs.emplace_back(
        static_cast<std::uint32_t>(parts[0].integer(0, static_cast<std::int64_t>(limit) - 1)),
        static_cast<Second>(parts[1].integer(std::is_signed_v<Second> ? -kMostOfAny : 0, kMostOfAny)));
  }
}

/// Was something lost between the search and its records?
void expect_consistent(const JsonReader& object, const RunRecord& run) {
  const auto refuse = [&object](std::string_view key, const std::string& what) {
    const auto at = object.find(key);
    (at ? *at : object).refuse(what, "the records are damaged or lost a part: have them written anew");
  };
  for (std::size_t rule = 0; rule < run.rules.size(); ++rule) {
    const auto names = std::ranges::count(run.violated, rule, &std::pair<std::size_t, int>::first);
    const bool is_violated = run.rules[rule] == 'v';
    if (is_violated && names == 0) {
      refuse("rules",
             fmt::format("the run is marked violated by rule number {}, but its violation is missing", rule));
    }
    if (!is_violated && names > 0) {
      refuse("violated",
             fmt::format("the run has a violation of rule number {}, which is not marked violated", rule));
    }
    if (names > 1) refuse("violated", fmt::format("the violation of rule number {} is there twice", rule));
  }
  if (run.blamed && run.violated.empty()) refuse("blamed", "faults are to blame, but nothing is violated");
  if ((run.faults == 0) != (run.plan == kNoFaults))
    refuse("faults", fmt::format("there are {} faults, but the plan is {}", run.faults, run.plan));
}

void read_violations(const JsonReader& object, const RecordLimits& limits, RunRecord& run) {
  run.violated.clear();
  const auto blamed = object.find("blamed");
  run.blamed = blamed && blamed->boolean();
  const auto array = object.find("violated");
  if (!array) return;
  for (const JsonReader& item : array->items()) {
    const std::vector<JsonReader> parts = item.items();
    if (parts.size() != 2) item.refuse("it is no pair", std::string(kMend));
    run.violated.emplace_back(
        static_cast<std::size_t>(parts[0].integer(0, static_cast<std::int64_t>(limits.invariants) - 1)),
        static_cast<int>(parts[1].integer(-1, static_cast<std::int64_t>(limits.steps) - 1)));
  }
}

/// A text stands for itself; whatever else an event carries, a payload for one, is shown as JSON.
std::string detail_text(const JsonReader& value) {
  if (value.is_string()) return value.string();
  std::string text;
  internal::append_json(text, value.value());
  return text;
}

ReportEvent read_event(const JsonReader& object) {
  ReportEvent event;
  for (const auto& [key, value] : object.members()) {
    if (key == "at_us") {
      event.at_us = value.integer(0, std::numeric_limits<std::int64_t>::max());
    } else if (key == "type") {
      event.type = value.string();
    } else if (key == "incarnation") {
      event.incarnation = static_cast<int>(value.integer(0, kMostOfAny));
    } else if (key == "call") {
      event.call = static_cast<int>(value.integer(0, kMostOfAny));
    } else if (key == "step") {
      event.step = value.string();
    } else if (key == "operation") {
      event.operation = value.string();
    } else if (key == "attempt") {
      event.attempt = static_cast<int>(value.integer(0, kMostOfAny));
    } else {
      event.details.emplace_back(key, detail_text(value));
    }
  }
  return event;
}

void read_evidence_of(const JsonReader& object, ReportFinding& finding) {
  for (const JsonReader& event : object.at("trace").items()) finding.trace.push_back(read_event(event));
  for (const JsonReader& position : object.at("evidence").items()) {
    finding.evidence.push_back(
        static_cast<std::uint32_t>(position.integer(0, static_cast<std::int64_t>(finding.trace.size()) - 1)));
  }
  for (const JsonReader& effect : object.at("effects").items()) {
    finding.effects.push_back(
        {.step = effect.at("step").string(),
         .service = effect.at("service").string(),
         .applied = static_cast<std::uint32_t>(effect.at("applied").integer(0, kMostOfAny)),
         .undone = static_cast<std::uint32_t>(effect.at("undone").integer(0, kMostOfAny))});
  }
  for (const JsonReader& each : object.at("quantities").items()) {
    const std::string& rule = each.at("rule").string();
    Quantity& quantity = finding.quantities.emplace_back();
    quantity.name = each.at("name").string();
    quantity.rule =
        rule == name_of(QuantityRule::kRestored) ? QuantityRule::kRestored : QuantityRule::kConserved;
    const auto amount = [&](std::string_view key) {
      const std::string& digits = each.at(key).string();
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (error != std::errc() || end != digits.data() + digits.size())
        each.at(key).refuse("it is no number of 64 bits", std::string(kMend));
      return number;
    };
    quantity.at_start = amount("at_start");
    quantity.at_end = amount("at_end");
  }
}

}  // namespace

std::uint64_t read_hash(const JsonReader& digits) { return number_in(digits, 16); }
std::uint64_t read_count(const JsonReader& digits) { return number_in(digits, 10); }

Outcome read_outcome(const JsonReader& name) {
  for (const Outcome outcome :
       {Outcome::kUnresolved, Outcome::kCompleted, Outcome::kCompensated, Outcome::kFlagged}) {
    if (name.string() == name_of(outcome)) return outcome;
  }
  name.refuse("there is no outcome " + internal::in_quotes(name.string()), std::string(kMend));
}

ReportCell read_cell(const JsonReader& reader, const SagaIndex& saga) {
  const std::string& name = reader.string();
  const auto refuse = [&] {
    reader.refuse(internal::in_quotes(name) + " is no cell of the saga", std::string(kMend));
  };
  const std::size_t colon = name.rfind(':');
  const std::size_t at = colon == std::string::npos ? colon : name.rfind('@', colon);
  if (at == std::string::npos) refuse();
  ReportCell cell{.name = name};
  const std::string_view whole = name;
  at_its_place(reader, [&] {
    cell.kind = parse_fault_kind(whole.substr(colon + 1));
    cell.instant = parse_instant(whole.substr(at + 1, colon - at - 1));
    const std::string_view place = whole.substr(0, at);
    if (place == internal::kSagaItself) return;
    const std::size_t dot = place.rfind('.');
    if (dot == std::string_view::npos) refuse();
    cell.operation = parse_operation(place.substr(dot + 1));
    cell.step = saga.find_step(place.substr(0, dot));
    if (cell.step == kNoStep) refuse();
  });
  return cell;
}

HeaderRecord read_header(const JsonReader& object) {
  const JsonReader format = object.at("format");
  HeaderRecord header{.is_old = format.string() == kOldRecordsFormat};
  if (format.string() != kRecordsFormat && !header.is_old) {
    format.refuse("this is " + internal::in_quotes(format.string()) + ", not " + std::string(kRecordsFormat) +
                      " nor " + std::string(kOldRecordsFormat),
                  "have the records written by this version of saga-harness");
  }
  header.version = object.at("version").string();
  header.saga = std::make_shared<const SagaIndex>(internal::read_saga(object.at("saga")));
  if (read_hash(object.at("definition_hash")) != header.saga->hash()) {
    object.at("definition_hash").refuse("it is not that of the saga beside it", std::string(kMend));
  }
  header.subject = hash_text(read_hash(object.at("subject")));
  header.coordinator = object.at("coordinator").string();
  header.participant = object.at("participant").string();
  header.by_tests = object.at("by").string() == "tests";
  header.scope = object.at("scope").string();
  header.source = object.at("source").string();
  if (!header.is_old) header.target = object.at("target").string();
  header.claims = strings_of(object.at("claims"));
  header.invariants = read_invariants(object);
  for (const JsonReader& each : object.at("exclusions").items()) {
    header.exclusions.push_back({.cells = each.at("cell").string(),
                                 .reason = each.at("reason").string(),
                                 .owner = each.at("owner").string(),
                                 .expires = each.at("expires").string()});
  }
  if (const JsonReader search = object.at("search"); !search.is_null()) header.search = read_search(search);
  for (const JsonReader& name : object.at("cells").items())
    header.cells.push_back(read_cell(name, *header.saga));
  return header;
}

void read_run(const JsonReader& object, const RecordLimits& limits, RunRecord& run) {
  run.id = read_hash(object.at("run"));
  run.plan = object.at("plan").string();
  run.faults = static_cast<int>(object.at("faults").integer(0, kMostOfAny));
  run.outcome = read_outcome(object.at("outcome"));
  run.rules = object.at("rules").string();
  if (run.rules.size() != limits.invariants || run.rules.find_first_not_of("hvun") != std::string::npos) {
    object.at("rules").refuse(
        fmt::format("it is not one of h, v, u and n for each of {} rules", limits.invariants),
        std::string(kMend));
  }
  read_violations(object, limits, run);
  expect_consistent(object, run);
  if (!run.reached.parse(object.at("reached").string(), limits.places)) {
    object.at("reached").refuse("it names places that are not there", std::string(kMend));
  }
  read_numbers(object, "fired", limits.cells, run.fired);
  read_numbers(object, "unfired", limits.cells, run.unfired);
  const auto stale = object.find("stale");
  run.stale = stale ? static_cast<int>(stale->integer(1, kMostOfAny)) : static_cast<int>(run.unfired.size());
  run.other.clear();
  if (const auto other = object.find("other")) run.other = strings_of(*other);
  read_pairs(object, "compensated", limits.steps, run.compensated);
  read_numbers(object, "expected", limits.steps, run.expected);
  const auto open = object.find("open");
  run.is_open = open && open->boolean();
  read_pairs(object, "left", limits.steps, run.left);
}

/// What a search has to say of its finding; records of 0.1 and of single runs do not have it.
void read_what_is_found(const JsonReader& object, FindingRecord& record) {
  const auto cause = object.find("cause");
  if (!cause) return;
  record.cause = cause->string();
  record.finding.cause = record.cause.substr(std::min(record.cause.find(": ") + 2, record.cause.size()));
  record.schedules = read_count(object.at("schedules"));
  record.finding.replayed = object.at("replayed").string();
  record.finding.earlier_sagas = strings_of(object.at("earlier_sagas"));
}

FindingRecord read_finding(const JsonReader& object, const RecordLimits& limits, const SagaIndex& saga) {
  FindingRecord record;
  record.invariant = static_cast<std::size_t>(
      object.at("rule").integer(0, static_cast<std::int64_t>(limits.invariants) - 1));
  record.step = static_cast<int>(object.at("step").integer(-1, static_cast<std::int64_t>(limits.steps) - 1));
  ReportFinding& finding = record.finding;
  finding.invariant = record.invariant;
  if (record.step >= 0) finding.step = saga.step(static_cast<StepId>(record.step)).name;
  finding.run = hash_text(read_hash(object.at("finding")));
  finding.explanation = object.at("explanation").string();
  finding.plan = object.at("plan").string();
  finding.faults = static_cast<int>(object.at("faults").integer(0, kMostOfAny));
  finding.token = object.at("token").string();
  finding.test_case = object.at("test_case").string();
  finding.outcome = read_outcome(object.at("outcome"));
  finding.flagged_steps = strings_of(object.at("flagged_steps"));
  finding.has_trace = true;
  read_evidence_of(object, finding);
  read_numbers(object, "shows", limits.cells, record.shows);
  const auto known = object.find("known");
  record.is_known = known && known->boolean();
  read_what_is_found(object, record);
  return record;
}

DefectRecord read_defect(const JsonReader& object) {
  DefectRecord record{.name = object.at("defect").string(), .what = object.at("what").string()};
  if (const auto plan = object.find("plan")) record.plan = plan->string();
  return record;
}

EndRecord read_end(const JsonReader& object) {
  EndRecord record{.exhausted = object.at("end").string() == "exhausted",
                   .runs = read_count(object.at("runs"))};
  if (const auto violated = object.find("violated_runs")) record.violated = read_count(*violated);
  if (const auto verdict = object.find("verdict")) record.verdict = read_verdict(*verdict);
  if (const auto classes = object.find("classes")) record.classes = read_classes(*classes);
  if (const auto known = object.find("known")) {
    for (const JsonReader& each : known->items()) record.known.push_back(read_known(each));
  }
  if (const auto earned = object.find("earned")) record.earned = read_earned(*earned);
  if (const auto findings = object.find("findings")) record.findings = read_count(*findings);
  return record;
}

}  // namespace saga_harness::reports
