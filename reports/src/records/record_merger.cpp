#include "records/record_merger.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "records/hash.hpp"
#include "records/record_format.hpp"

namespace saga_harness::reports {

namespace {

using internal::JsonReader;

/// Of all that must come out alike whenever a plan is run.
std::uint64_t digest_of(const RunRecord& run) {
  Hash hash;
  hash.add(static_cast<std::uint64_t>(run.outcome)).add(run.rules);
  const auto add_pairs = [&hash](const auto& pairs) {
    hash.add(static_cast<std::uint64_t>(pairs.size()));
    for (const auto& [first, second] : pairs)
      hash.add(static_cast<std::uint64_t>(first)).add(static_cast<std::uint64_t>(second));
  };
  add_pairs(run.violated);
  add_pairs(run.compensated);
  add_pairs(run.left);
  for (const std::uint32_t step : run.expected) hash.add(std::uint64_t{step});
  return hash.value();
}

bool is_foreseeable(const ReportCell& cell) {
  return cell.instant == Instant::kCall || cell.instant == Instant::kDuringCall ||
         cell.instant == Instant::kAfterCall;
}

void add(CellCounts& sum, const CellCounts& counts) {
  sum.legal += counts.legal;
  sum.denominator += counts.denominator;
  sum.fired += counts.fired;
  sum.held += counts.held;
  for (std::size_t i = 0; i < sum.by_status.size(); ++i) sum.by_status[i] += counts.by_status[i];
}

std::string name_of_subject(const SagaReport& saga) {
  std::string name = fmt::format("{} (coordinator {}, participants {}", saga.definition.name,
                                 saga.coordinator, saga.participant);
  return name + (saga.scope.empty() ? ")" : fmt::format(", {})", saga.scope));
}

}  // namespace

RecordMerger::RecordMerger(MergeOptions options, const Ids* left_out)
    : options_(std::move(options)), left_out_(left_out) {}

void RecordMerger::begin(const std::string& name) {
  name_ = name;
  line_ = 0;
}

void RecordMerger::add_line(std::string_view line, bool is_whole) {
  ++line_;
  if (line.empty()) return;
  const std::string source = fmt::format("{}:{}", name_, line_);
  internal::JsonValue value;
  try {
    value = internal::parse_json(line, source);
  } catch (const Error&) {
    if (is_whole) throw;
    // Cut off while it was written. In a section its end would tell that something is missing.
    if (!section_ && !studies_.is_open() && !tests_.is_open())
      incomplete_.insert(source + ": cut off in a header, so that nobody knows what it was of");
    return;
  }
  const JsonReader object(value, source);
  if (object.is_object() && object.find("format")) return open(object);
  if (studies_.is_open()) return studies_.add(object);
  if (tests_.is_open()) return tests_.add(object);
  if (!section_) {
    throw Error(ErrorText{.source = std::string(source),
                          .message = "this line stands under no header",
                          .fix = "are these records of saga-harness?"});
  }
  if (object.find("run")) return add_run(object);
  if (object.find("finding")) return add_finding(object);
  if (object.find("defect")) return add_defect(object);
  add_end(object);
}

void RecordMerger::add_finding(const JsonReader& object) {
  const FindingRecord record = read_finding(object, section_->limits, section_->subject->saga());
  section_->shown.emplace(record.invariant, record.step);
  section_->findings += record.cause.empty() ? 0 : 1;
  const bool is_left_out = left_out_ != nullptr && left_out_->contains(read_hash(object.at("finding")));
  if (!is_left_out) section_->subject->add_finding(record, section_->cells);
}

void RecordMerger::add_defect(const JsonReader& object) {
  const DefectRecord record = read_defect(object);
  if (record.name != kNondeterministic) {
    object.at("defect").refuse("there is no defect " + internal::in_quotes(record.name),
                               "have the records read by the version of saga-harness that wrote them");
  }
  section_->has_defects = true;
  nondeterministic_[section_->id + '\n' + record.plan + '\n' + record.what] = {
      .saga = section_->id, .plan = record.plan, .outcomes = {}, .difference = record.what};
}

void RecordMerger::add_end(const JsonReader& object) {
  EndRecord end = read_end(object);
  // Defects have lines of their own, and what is wrong with known findings is judged by the day of the
  // report.
  if (end.verdict && (section_->has_defects || !end.known.empty())) end.verdict->error.clear();
  section_->ended = true;
  if (end.runs != section_->runs) {
    incomplete_.insert(fmt::format("{}: lines are missing: there were {} runs, {} are recorded",
                                   name_of_subject(section_->subject->so_far()), end.runs, section_->runs));
  } else {
    section_->expect_consistent(end, object);
    if (section_->search) searches_.close(section_->id, *section_->search, end);
  }
  close_section();
}

void RecordSection::expect_consistent(const EndRecord& end, const JsonReader& object) const {
  const auto refuse = [&object](const std::string& what) {
    object.refuse(what, "the records are damaged or lost a part: have them written anew");
  };
  if (!is_old && !end.violated) refuse("the end does not say how many runs were violated");
  if (end.violated && *end.violated != violated_runs)
    refuse(fmt::format("{} runs were violated, {} are recorded so", *end.violated, violated_runs));
  if (search && !is_old && !end.verdict) refuse("the end of a search has no verdict");
  const bool says_violated = end.verdict && end.verdict->word == VerdictWord::kViolated;
  if (end.verdict && says_violated != (violated_runs > 0)) {
    refuse(fmt::format("the search is {}, but {} of its runs are violated", word_of(*end.verdict),
                       violated_runs));
  }
  if (end.findings && *end.findings != findings)
    refuse(fmt::format("there were {} findings, {} are recorded", *end.findings, findings));
  const auto name = [this](const Violated& each) {
    const std::string step =
        each.second < 0 ? "the saga" : subject->saga().step(static_cast<StepId>(each.second)).name;
    return fmt::format("{} at {}", subject->so_far().invariants[each.first].name, step);
  };
  for (const Violated& each : violated) {
    if (!shown.contains(each)) refuse("runs violate " + name(each) + ", but no finding shows it");
  }
  for (const Violated& each : shown) {
    if (!violated.contains(each)) refuse("a finding shows " + name(each) + ", but no run violates it");
  }
}

void RecordMerger::end() {
  close_section();
  studies_.close();
  tests_.close();
}

void RecordMerger::close_section() {
  if (section_ && !section_->ended && !section_->search) {
    incomplete_.insert(fmt::format("{}: the records of single runs have no end: the tests were cut off",
                                   name_of_subject(section_->subject->so_far())));
  }
  section_.reset();
}

void RecordMerger::check_definition(const HeaderRecord& header, const JsonReader& object) {
  const std::string& name = header.saga->saga().name;
  auto& known = definitions_[name];
  for (const auto& [hash, by_tests] : known) {
    if (hash == header.saga->hash() || (by_tests && header.by_tests)) continue;
    object.at("definition_hash")
        .refuse(fmt::format("the saga {} has the definition {} here and {} in other records",
                            internal::in_quotes(name), hash_text(header.saga->hash()), hash_text(hash)),
                "merge records of one definition only");
  }
  const auto [at, is_new] = known.emplace(header.saga->hash(), header.by_tests);
  at->second = at->second && header.by_tests;
}

void RecordMerger::open(const JsonReader& object) {
  end();
  const std::string& format = object.at("format").string();
  if (format == kStudyFormat) return studies_.open(object);
  if (format == kTestsFormat) return tests_.open(object);
  open_section(object);
}

void RecordMerger::open_section(const JsonReader& object) {
  const HeaderRecord header = read_header(object);
  check_definition(header, object);
  SubjectCounts& subject = subjects_.try_emplace(header.subject, header).first->second;
  subject.add(header);
  section_.emplace();
  section_->subject = &subject;
  section_->id = header.subject;
  section_->is_old = header.is_old;
  section_->search = header.search;
  if (header.search) searches_.open(header.subject, *header.search);
  std::vector<Cell> cells;
  for (const ReportCell& cell : header.cells) {
    section_->cells.push_back(subject.cell(cell, true));
    cells.push_back(
        {.step = cell.step, .operation = cell.operation, .instant = cell.instant, .kind = cell.kind});
  }
  const CellNumbers numbers(cells, header.saga->step_count());
  section_->slots.resize(numbers.place_count());
  for (std::size_t i = 0; i < header.cells.size(); ++i)
    section_->slots[numbers.place_of(i)] = subject.slot(header.cells[i]);
  section_->limits = {.invariants = header.invariants.size(),
                      .cells = header.cells.size(),
                      .places = numbers.place_count(),
                      .steps = header.saga->step_count()};
}

void RecordMerger::add_run(const JsonReader& object) {
  RecordSection& section = *section_;
  read_run(object, section.limits, run_);
  ++section.runs;
  section.violated_runs += run_.violated.empty() ? 0 : 1;
  section.violated.insert(run_.violated.begin(), run_.violated.end());
  if (left_out_ != nullptr && left_out_->contains(run_.id)) return;
  const Seen now{digest_of(run_), run_.outcome};
  const auto [seen, is_new] = seen_.try_emplace(run_.id, now);
  if (!is_new) {
    if (seen->second.digest == now.digest) return;
    Differing& differing = contradictions_[run_.id];
    differing.saga = section.id;
    differing.plan = run_.plan;
    differing.outcomes.insert({seen->second.outcome, now.outcome});
    return;
  }
  const std::size_t foreseen = section.cells.size();
  for (std::size_t i = 0; i < run_.other.size(); ++i) {
    const internal::JsonValue name{.type = internal::JsonValue::Type::kString, .string = run_.other[i]};
    const ReportCell cell = read_cell(JsonReader(name, object.source()), section.subject->saga());
    section.cells.push_back(section.subject->cell(cell, !is_foreseeable(cell)));
    run_.fired.push_back(static_cast<std::uint32_t>(foreseen + i));
  }
  section.subject->count(run_, section.cells, section.slots);
  section.cells.resize(foreseen);
}

RecordMerger::Ids RecordMerger::contradicted() const {
  Ids ids;
  for (const auto& [id, differing] : contradictions_) ids.insert(id);
  return ids;
}

namespace {

// Of the parts of a search none can know it, so it is no lack of theirs.
void list_idle_invariants(const SagaReport& saga, std::set<std::string>& incomplete) {
  if (saga.violated_runs > 0) return;
  const bool is_searched = std::ranges::any_of(saga.searches, &ReportSearch::complete);
  for (const ReportInvariant& each : saga.invariants) {
    const bool is_idle = each.id == id_of(kOwnRule) && each.unknown > 0 && each.exercised() == 0;
    if (is_searched && is_idle)
      incomplete.insert(name_of_subject(saga) + ": " + not_exercised(each.name).reason);
  }
}

}  // namespace

Report RecordMerger::conclude() const {
  Report report;
  std::set<std::string> incomplete = incomplete_;
  std::set<std::string> errors;
  for (const auto& [id, subject] : subjects_) {
    SagaReport& saga =
        report.sagas.emplace_back(subject.conclude(searches_.of(id, options_.today), options_.today));
    searches_.list_missing(id, name_of_subject(saga), incomplete);
    if (saga.violated_runs == 0) searches_.list_lacks(id, name_of_subject(saga), incomplete);
    list_idle_invariants(saga, incomplete);
    for (const ReportSearch& search : saga.searches) {
      for (const std::string& error : search.errors) errors.insert(name_of_subject(saga) + ": " + error);
    }
    report.runs += saga.runs;
    report.violated_runs += saga.violated_runs;
    report.findings += saga.findings.size();
    add(report.counts, saga.counts);
  }
  std::ranges::sort(report.sagas, {}, [](const SagaReport& saga) {
    return std::tie(saga.definition.name, saga.coordinator, saga.participant, saga.scope, saga.id);
  });
  studies_.conclude(report, options_.today, incomplete, errors);
  tests_.conclude(incomplete);
  report.incomplete.assign(incomplete.begin(), incomplete.end());
  report.errors.assign(errors.begin(), errors.end());
  for (const auto& [id, differing] : contradictions_) {
    report.contradictions.push_back({.saga = differing.saga,
                                     .run = hash_text(id),
                                     .plan = differing.plan,
                                     .outcomes = {differing.outcomes.begin(), differing.outcomes.end()}});
  }
  for (const auto& [key, nondeterministic] : nondeterministic_) {
    report.contradictions.push_back({.saga = nondeterministic.saga,
                                     .run = hash_text(Hash().add(key).value()),
                                     .plan = nondeterministic.plan,
                                     .outcomes = {},
                                     .difference = nondeterministic.difference});
  }
  return report;
}

}  // namespace saga_harness::reports
