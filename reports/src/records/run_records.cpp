#include <saga_harness/error.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/run_records.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/rule_places.hpp>

#include "json/explore_head.hpp"
#include "json/verdict_json.hpp"
#include "records/hash.hpp"
#include "records/record_cells.hpp"
#include "records/record_finding.hpp"
#include "records/record_format.hpp"
#include "records/record_header.hpp"
#include "records/record_line.hpp"
#include "text/run_text.hpp"

namespace saga_harness {

namespace {

using reports::OrderedJson;

Experiment started_with(Experiment experiment, const Context& context) {
  experiment.setup.context = context;
  return experiment;
}

int number_of(StepId step) { return step == kNoStep ? -1 : static_cast<int>(step); }

}  // namespace

namespace {

std::vector<Cell> legal_cells(const Experiment& experiment, const std::optional<ExploreOptions>& options,
                              const RecordOrigin& origin) {
  if (!origin.cells.empty()) return origin.cells;
  return declared_cells(*experiment.setup.saga,
                        origin.context == Context() ? experiment : started_with(experiment, origin.context),
                        options ? kinds_in_scope(experiment, options->kinds) : std::vector<FaultKind>{});
}

}  // namespace

class RunRecords::Impl {
 public:
  Impl(const Experiment& experiment, std::optional<ExploreOptions> options, RecordOrigin origin)
      : experiment_(experiment),
        saga_(*experiment.setup.saga),
        options_(std::move(options)),
        cells_(legal_cells(experiment, options_, origin)),
        numbers_(cells_, saga_.step_count()),
        origin_(std::move(origin)),
        subject_(subject_id(experiment, origin_)) {}

  [[nodiscard]] std::string header() const {
    OrderedJson header = reports::subject_header(experiment_, origin_, subject_);
    if (options_) {
      OrderedJson head = reports::head_json("", experiment_, *options_);
      OrderedJson& search = header["search"] = OrderedJson::object();
      for (const char* key : {"max_faults", "kinds", "windows", "swarm", "shard"}) {
        if (head.contains(key)) search[key] = std::move(head[key]);
      }
      if (options_->sample_ok) search["sample_ok"] = true;
      if (options_->classes) search["classes"] = true;
      search["owes"] = reports::owed_json(owed_by(experiment_, *options_));
    } else {
      header["search"] = nullptr;
    }
    header["cells"] = OrderedJson::array();
    for (const Cell& cell : cells_) header["cells"].push_back(cell_name(cell, saga_));
    return reports::on_one_line(header) + '\n';
  }

  std::string_view record(const Schedule& schedule) {
    text_.clear();
    const std::uint64_t id = id_of_run(schedule.plan, {});
    const bool is_violated = !schedule.violations.empty();
    const bool blames = is_violated && schedule.blamed && blames_new_cells(schedule.plan, {});
    if (blames ||
        std::ranges::any_of(schedule.violations, [this](const Violation& each) { return is_new(each); }))
      show(schedule.violations, run_of(schedule), id);
    write(id, schedule.plan, {}, {}, schedule.observation, schedule.judgement, schedule.violations,
          schedule.blamed);
    return text_;
  }

  std::string_view record(const Run& run, const Context& input) {
    text_.clear();
    judgement_.clear();
    violations_.clear();
    for (std::size_t place = 0; place < run.verdicts.size(); ++place) {
      judgement_.push_back(run.verdicts[place].status);
      if (run.verdicts[place].status == VerdictStatus::kViolated)
        violations_.push_back({static_cast<Rule>(place), run.verdicts[place].step});
    }
    const std::string_view other = input == experiment_.setup.context ? std::string_view("{}") : input.text();
    std::uint64_t id = id_of_run(run.plan, other);
    if (!origin_.scope.empty()) id = reports::id_by_result(id, run);
    if (!violations_.empty()) {
      blames_new_cells(run.plan, run.unfired);
      show(violations_, run, id);
    }
    const std::vector<std::string_view> texts(run.trace.texts.begin(), run.trace.texts.end());
    const Observation observation{.events = run.trace.events,
                                  .effects = run.ledger.effects,
                                  .quantities = run.ledger.quantities,
                                  .texts = texts,
                                  .outcome = run.outcome};
    write(id, run.plan, run.unfired, other, observation, judgement_, violations_, !violations_.empty());
    return text_;
  }

  [[nodiscard]] std::string end(const Exploration& exploration, std::span<const Run> examples) {
    text_.clear();
    if (examples.empty() && can_run()) show_findings(exploration);
    for (std::size_t i = 0; i < examples.size() && i < exploration.findings.size(); ++i)
      show_finding(exploration.findings[i], examples[i]);
    for (const Nondeterministic& nondeterministic : exploration.nondeterministic) {
      text_ += reports::on_one_line({{"defect", reports::kNondeterministic},
                                     {"plan", to_string(nondeterministic.plan)},
                                     {"what", nondeterministic.difference}}) +
               '\n';
    }
    expect_all_recorded(exploration, can_run() || !examples.empty());
    OrderedJson end{{"end", exploration.exhausted ? "exhausted" : "stopped"}};
    end["levels"] = OrderedJson::array();
    for (const LevelCount& level : exploration.levels)
      end["levels"].push_back({level.faults, std::to_string(level.schedules), level.exhausted});
    if (exploration.classes) end["classes"] = reports::classes_json(*exploration.classes);
    end["verdict"] = reports::verdict_json(exploration.verdict);
    if (!exploration.known.empty()) {
      end["known"] = OrderedJson::array();
      for (const KnownSeen& seen : exploration.known)
        end["known"].push_back(reports::known_json(reports::report_known(seen)));
    }
    end["earned"] = reports::earned_json(exploration.earned);
    end["findings"] = std::to_string(told_);
    return text_ + finished(std::move(end));
  }

  [[nodiscard]] std::string end() { return finished({{"end", "complete"}}); }

 private:
  // A run that a search made and one that a test made are not the same, though their plans are.
  [[nodiscard]] std::string seed() const {
    if (!options_) return "single";
    return options_->swarm ? "swarm " + options_->swarm->seed : std::string();
  }

  [[nodiscard]] std::uint64_t id_of_run(const FaultPlan& plan, std::string_view input) {
    plan_ = to_string(plan);
    reports::Hash hash;
    hash.add(subject_).add(plan_);
    hash.add(seed());
    hash.add(input == "{}" ? std::string_view() : input);
    return hash.value();
  }

  [[nodiscard]] std::string finished(OrderedJson end) const {
    end["runs"] = std::to_string(runs_);
    end["violated_runs"] = std::to_string(violated_runs_);
    return reports::on_one_line(end) + '\n';
  }

  [[nodiscard]] Run run_of(const Schedule& schedule) const {
    if (schedule.run != nullptr) return *schedule.run;
    if (experiment_.target.empty()) return run_plan(experiment_, schedule.plan);
    throw Error(
        ErrorText{.message = "records of " + experiment_.target + ": the run of the plan \"" + plan_ +
                             "\", which violates a rule, is not beside it, and virtual time cannot repeat it",
                  .fix = "give Schedule::run"},
        ErrorKind::kInternal);
  }

  // Whatever is lost between a search and its records would be lost to every report.
  void expect_all_recorded(const Exploration& exploration, bool can_tell) const {
    const auto refuse = [](const std::string& what) {
      throw Error(ErrorText{.message = "the records of this search are not what it found: " + what,
                            .fix = "every schedule must be given to record()"},
                  ErrorKind::kInternal);
    };
    if (runs_ != exploration.schedules || violated_runs_ != exploration.violated_schedules) {
      refuse(fmt::format("{} of {} runs are violated in them, {} of {} in the search", violated_runs_, runs_,
                         exploration.violated_schedules, exploration.schedules));
    }
    if (can_tell && told_ != exploration.findings.size())
      refuse(fmt::format("{} of {} findings are told", told_, exploration.findings.size()));
    for (const Finding& finding : exploration.findings) {
      if (is_new({place_of(finding, experiment_), saga_.find_step(finding.step)}))
        refuse(fmt::format("no run shows the violation of {} at {}", name_of(finding),
                           finding.step.empty() ? "the saga" : finding.step));
    }
  }

  [[nodiscard]] bool is_new(const Violation& violation) const {
    return std::ranges::find(shown_, violation) == shown_.end();
  }

  /// Collects in shows_ the cells of what struck that no plan so small was to blame with before.
  bool blames_new_cells(const FaultPlan& plan, const FaultPlan& unfired) {
    shows_.clear();
    others_.clear();
    smallest_.resize(cells_.size(), std::numeric_limits<std::size_t>::max());
    for (const Fault& fault : plan.faults) {
      if (std::ranges::find(unfired.faults, fault) == unfired.faults.end()) add_cell(fault, shows_);
    }
    std::erase_if(shows_, [&](std::uint32_t cell) { return smallest_[cell] <= plan.size(); });
    for (const std::uint32_t cell : shows_) smallest_[cell] = plan.size();
    return !shows_.empty();
  }

  /// A line for each violation that no run has shown, and one at least if it shows new cells.
  void show(std::span<const Violation> violations, const Run& run, std::uint64_t id) {
    for (const Violation& violation : violations) {
      const bool is_known = !is_new(violation);
      if (is_known && (shows_.empty() || &violation != &violations.back())) continue;
      if (!is_known) shown_.push_back(violation);
      text_ += reports::finding_record(experiment_, violation, run, id, std::exchange(shows_, {}), is_known);
    }
  }

  [[nodiscard]] bool can_run() const {
    const bool is_here = experiment_.setup.coordinator || experiment_.setup.handlers;
    return is_here && experiment_.target.empty() && experiment_.can_run_again;
  }

  void show_findings(const Exploration& exploration) {
    for (const Finding& finding : exploration.findings) {
      const bool shows_alone = finding.replayed != Replayed::kNeedsEarlierSagas;
      show_finding(finding, shows_alone ? run_plan(experiment_, finding.plan) : as_told(finding));
    }
  }

  /// A run that its plan alone does not repeat, as far as the finding tells.
  [[nodiscard]] Run as_told(const Finding& finding) const {
    Run run;
    run.outcome = finding.outcome;
    run.plan = finding.plan;
    run.token = finding.token;
    run.verdicts.resize(kRuleCount + experiment_.invariants.size());
    const auto place = static_cast<std::size_t>(place_of(finding, experiment_));
    run.verdicts.at(place) = {.rule = finding.rule,
                              .status = VerdictStatus::kViolated,
                              .explanation = finding.explanation,
                              .step = saga_.find_step(finding.step),
                              .invariant = finding.invariant};
    return run;
  }

  // A run that does not show it any more takes nothing from what the search has seen.
  void show_finding(const Finding& finding, const Run& repeated) {
    const Violation violation{place_of(finding, experiment_), saga_.find_step(finding.step)};
    const auto place = static_cast<std::size_t>(violation.rule);
    const bool shows = repeated.verdicts.at(place).status == VerdictStatus::kViolated;
    const Run run = shows ? repeated : as_told(finding);
    plan_ = to_string(run.plan);
    ++told_;
    text_ +=
        reports::finding_record(experiment_, violation, run, id_of_run(run.plan, {}), {}, false, &finding);
  }

  void write(std::uint64_t id, const FaultPlan& plan, const FaultPlan& unfired, std::string_view input,
             const Observation& observation, const Judgement& judgement,
             std::span<const Violation> violations, bool blamed) {
    const auto judged_violated = std::ranges::count(judgement, VerdictStatus::kViolated);
    if (judged_violated != static_cast<std::ptrdiff_t>(violations.size())) {
      throw Error(ErrorText{.message = fmt::format(
                                "the run of the plan \"{}\" violates {} rules, but {} violations were given",
                                plan_, judged_violated, violations.size()),
                            .fix = "give them all"},
                  ErrorKind::kInternal);
    }
    ++runs_;
    violated_runs_ += violations.empty() ? 0 : 1;
    auto out = std::back_inserter(text_);
    fmt::format_to(out, "{{\"run\":\"{:016x}\",\"plan\":", id);
    internal::append_json_string(text_, plan_);
    fmt::format_to(out, ",\"faults\":{}", plan.size());
    if (!input.empty() && input != "{}") {
      text_ += ",\"input\":";
      internal::append_json_string(text_, input);
    }
    fmt::format_to(out, ",\"outcome\":\"{}\",\"rules\":\"", name_of(observation.outcome));
    for (const VerdictStatus status : judgement) text_ += reports::letter_of(status);
    text_ += '"';
    write_violations(violations, blamed);
    write_cells(plan, unfired, observation);
    write_compensations(observation);
    text_ += "}\n";
  }

  void write_violations(std::span<const Violation> violations, bool blamed) {
    if (violations.empty()) return;
    text_ += ",\"violated\":[";
    std::string_view comma;
    for (const Violation& violation : violations) {
      fmt::format_to(std::back_inserter(text_), "{}[{},{}]", comma, static_cast<int>(violation.rule),
                     number_of(violation.step));
      comma = ",";
    }
    text_ += blamed ? "],\"blamed\":true" : "]";
  }

  void write_cells(const FaultPlan& plan, const FaultPlan& unfired, const Observation& observation) {
    reached_.clear();
    fired_.clear();
    unfired_.clear();
    others_.clear();
    numbers_.collect_reached(observation, reached_);
    for (const Fault& fault : unfired.faults) add_cell(fault, unfired_);
    others_.clear();  // what is not foreseen and did not strike says nothing
    for (const Fault& fault : plan.faults) {
      if (std::ranges::find(unfired.faults, fault) == unfired.faults.end()) add_cell(fault, fired_);
    }
    for (const std::uint32_t cell : fired_) reached_.insert(numbers_.place_of(cell));
    text_ += ",\"reached\":\"";
    reached_.append_to(text_);
    text_ += '"';
    write_numbers("fired", fired_);
    write_numbers("unfired", unfired_);
    if (!unfired.empty()) fmt::format_to(std::back_inserter(text_), ",\"stale\":{}", unfired.size());
    if (others_.empty()) return;
    text_ += ",\"other\":[";
    for (std::size_t i = 0; i < others_.size(); ++i) {
      if (i != 0) text_ += ',';
      internal::append_json_string(text_, others_[i]);
    }
    text_ += ']';
  }

  void add_cell(const Fault& fault, std::vector<std::uint32_t>& cells) {
    const Point point = point_of(fault, saga_);
    const Instant phase = phase_of(point.instant);
    const std::uint32_t number = numbers_.cell(point.step, point.operation, phase, fault.kind);
    if (number != reports::CellNumbers::kNone) {
      if (std::ranges::find(cells, number) == cells.end()) cells.push_back(number);
      std::ranges::sort(cells);
      return;
    }
    others_.push_back(cell_name(
        {.step = point.step, .operation = point.operation, .instant = phase, .kind = fault.kind}, saga_));
    std::ranges::sort(others_);
    others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
  }

  template <class Number>
  void write_numbers(std::string_view key, const std::vector<Number>& numbers) {
    if (numbers.empty()) return;
    fmt::format_to(std::back_inserter(text_), ",\"{}\":[{}]", key, fmt::join(numbers, ","));
  }

  void write_compensations(const Observation& observation) {
    calls_.clear();
    for (const Event& event : observation.events) {
      if (event.type != EventType::kSent || event.operation != Operation::kCompensation) continue;
      const auto call = std::ranges::find(calls_, event.step, &std::pair<StepId, int>::first);
      if (call == calls_.end()) {
        calls_.emplace_back(event.step, 1);
      } else {
        ++call->second;
      }
    }
    if (!calls_.empty()) {
      text_ += ",\"compensated\":[";
      for (std::size_t i = 0; i < calls_.size(); ++i)
        fmt::format_to(std::back_inserter(text_), "{}[{},{}]", i == 0 ? "" : ",", calls_[i].first,
                       calls_[i].second);
      text_ += ']';
    }
    if (!reports::expected_compensations(observation, saga_, expected_)) text_ += ",\"open\":true";
    write_numbers("expected", expected_);
    write_left(observation);
  }

  void write_left(const Observation& observation) {
    std::string_view lead = ",\"left\":[";
    for (std::size_t step = 0; step < observation.effects.size(); ++step) {
      if (observation.effects[step].net() == 0) continue;
      fmt::format_to(std::back_inserter(text_), "{}[{},{}]", lead, step, observation.effects[step].net());
      lead = ",";
    }
    if (lead == ",") text_ += ']';
  }

  const Experiment& experiment_;
  const SagaIndex& saga_;
  std::optional<ExploreOptions> options_;
  std::vector<Cell> cells_;
  reports::CellNumbers numbers_;
  RecordOrigin origin_;
  std::uint64_t subject_;
  std::vector<Violation> shown_;
  std::vector<std::size_t> smallest_;  // by cell: the faults of the smallest plan that it is to blame with
  std::uint64_t runs_ = 0;
  std::uint64_t violated_runs_ = 0;
  std::uint64_t told_ = 0;  // findings, as the search itself says
  // scratch
  std::string text_;
  std::string plan_;
  reports::BitSet reached_;
  std::vector<std::uint32_t> fired_;
  std::vector<std::uint32_t> unfired_;
  std::vector<std::uint32_t> shows_;
  std::vector<std::string> others_;
  std::vector<std::pair<StepId, int>> calls_;
  std::vector<StepId> expected_;
  Judgement judgement_;
  std::vector<Violation> violations_;
};

RunRecords::RunRecords(const Experiment& experiment, const ExploreOptions& options, RecordOrigin origin)
    : impl_(std::make_unique<Impl>(experiment, options, std::move(origin))) {}
RunRecords::RunRecords(const Experiment& experiment, RecordOrigin origin)
    : impl_(std::make_unique<Impl>(experiment, std::nullopt, std::move(origin))) {}
RunRecords::~RunRecords() = default;
RunRecords::RunRecords(RunRecords&&) noexcept = default;
RunRecords& RunRecords::operator=(RunRecords&&) noexcept = default;

std::string RunRecords::header() const { return impl_->header(); }
std::string_view RunRecords::record(const Schedule& schedule) { return impl_->record(schedule); }
std::string_view RunRecords::record(const Run& run, const Context& input) {
  return impl_->record(run, input);
}
std::string RunRecords::end(const Exploration& exploration, std::span<const Run> examples) {
  return impl_->end(exploration, examples);
}
std::string RunRecords::end() { return impl_->end(); }

}  // namespace saga_harness
