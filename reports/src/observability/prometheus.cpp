#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <saga_harness/observability.hpp>

#include "observability/exposition.hpp"
#include "observability/run_story.hpp"

namespace saga_harness {
namespace {

using reports::Attempt;
using reports::Exposition;
using reports::Histogram;
using reports::Labels;
using reports::Story;

constexpr std::size_t kOutcomes = 4;
using Outcomes = std::array<std::uint64_t, kOutcomes>;  // by Outcome

std::uint64_t count_of(const Outcomes& outcomes, Outcome outcome) {
  return outcomes[static_cast<std::size_t>(outcome)];
}

std::uint64_t all_of(const Outcomes& outcomes) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : outcomes) sum += count;
  return sum;
}

/// The counters of how sagas ended, `rows` being labels and outcomes.
void write_outcomes(Exposition& out, const std::vector<std::pair<Labels, Outcomes>>& rows) {
  const auto family = [&](std::string_view name, std::string_view help, auto count) {
    out.family(name, "counter", help);
    for (const auto& [labels, outcomes] : rows) out.sample(labels, count(outcomes));
  };
  const auto of = [](Outcome outcome) {
    return [outcome](const Outcomes& outcomes) { return count_of(outcomes, outcome); };
  };
  family("saga_started_total", "Sagas that were started.", all_of);
  family("saga_completed_total", "Sagas that ended with every step done.", of(Outcome::kCompleted));
  family("saga_failed_total", "Sagas that did not complete, whatever became of them.",
         [](const Outcomes& outcomes) { return all_of(outcomes) - count_of(outcomes, Outcome::kCompleted); });
  family("saga_compensated_total", "Sagas that failed and ended with every effect undone.",
         of(Outcome::kCompensated));
  family("saga_flagged_total", "Sagas that failed and were handed to a person.", of(Outcome::kFlagged));
  family("saga_unresolved_total", "Sagas that failed and of which nobody knows how they ended.",
         of(Outcome::kUnresolved));
  out.family("saga_success_ratio", "gauge", "The share of the started sagas that completed.");
  for (const auto& [labels, outcomes] : rows) {
    const std::uint64_t started = all_of(outcomes);
    if (started == 0) continue;
    out.sample(labels,
               static_cast<double>(count_of(outcomes, Outcome::kCompleted)) / static_cast<double>(started));
  }
}

/// Of one operation of a step, from its first request to its first success, or else to its last failure.
struct Course {
  std::int64_t begin = 0;
  std::optional<std::int64_t> end = std::nullopt;
  bool worked = false;
};

std::string_view word_for(const std::optional<ReplyStatus>& status) {
  return status ? name_of(*status) : std::string_view("unanswered");
}

}  // namespace

class SagaMetrics::Impl {
 public:
  void add(const SagaIndex& saga, const Observation& seen) {
    const std::string& type = saga.saga().name;
    ++outcomes_[type][static_cast<std::size_t>(seen.outcome)];
    const Story story = reports::story_of(seen.events, saga);
    std::map<std::pair<StepId, Operation>, Course> courses;
    for (const Attempt& attempt : story.attempts) {
      if (attempt.step >= saga.step_count()) continue;
      ++attempts_[key_of(saga, attempt.step, attempt.operation)][std::string(word_for(attempt.status))];
      follow(attempt, courses);
    }
    for (const auto& [place, course] : courses) {
      if (course.end) durations_[key_of(saga, place.first, place.second)].add(*course.end - course.begin);
    }
    if (seen.outcome == Outcome::kCompensated && story.rollback_begin) {
      const std::int64_t end = story.last_undone.value_or(*story.rollback_begin);
      rollbacks_[type].add(std::max(end, *story.rollback_begin) - *story.rollback_begin);
    }
  }

  [[nodiscard]] std::string to_text() const {
    Exposition out;
    std::vector<std::pair<Labels, Outcomes>> rows;
    for (const auto& [type, outcomes] : outcomes_) rows.push_back({{{"type", type}}, outcomes});
    write_outcomes(out, rows);
    out.family(
        "saga_step_duration_seconds", "histogram",
        "From the first request of an operation to its first success, or to the end of its last attempt.");
    for (const auto& [key, histogram] : durations_) {
      const auto& [type, number, step, service, operation] = key;
      out.sample({{"type", type}, {"step", step}, {"operation", std::string(name_of(operation))}}, histogram);
    }
    out.family("saga_step_attempts_total", "counter", "Requests by what became of them.");
    for (const auto& [key, statuses] : attempts_) {
      const auto& [type, number, step, service, operation] = key;
      for (const auto& [status, count] : statuses) {
        out.sample({{"type", type},
                    {"step", step},
                    {"service", service},
                    {"operation", std::string(name_of(operation))},
                    {"status", status}},
                   count);
      }
    }
    out.family("saga_rollback_duration_seconds", "histogram",
               "From the first sign of failure to the last effect undone, of sagas that were compensated.");
    for (const auto& [type, histogram] : rollbacks_) out.sample({{"type", type}}, histogram);
    return out.text();
  }

 private:
  /// Type of the saga; place, name and service of the step; operation.
  using Key = std::tuple<std::string, StepId, std::string, std::string, Operation>;

  static Key key_of(const SagaIndex& saga, StepId id, Operation operation) {
    const Step& step = saga.step(id);
    return {saga.saga().name, id, step.name, step.service, operation};
  }

  static void follow(const Attempt& attempt, std::map<std::pair<StepId, Operation>, Course>& courses) {
    const auto [at, is_first] = courses.try_emplace({attempt.step, attempt.operation});
    Course& course = at->second;
    if (is_first) course.begin = attempt.begin;
    if (course.worked || !attempt.status) return;
    course.end = attempt.end;
    course.worked = attempt.worked();
  }

  std::map<std::string, Outcomes> outcomes_;
  std::map<Key, Histogram> durations_;
  std::map<Key, std::map<std::string, std::uint64_t>> attempts_;
  std::map<std::string, Histogram> rollbacks_;
};

SagaMetrics::SagaMetrics() : impl_(std::make_unique<Impl>()) {}
SagaMetrics::~SagaMetrics() = default;
SagaMetrics::SagaMetrics(SagaMetrics&&) noexcept = default;
SagaMetrics& SagaMetrics::operator=(SagaMetrics&&) noexcept = default;

void SagaMetrics::add(const SagaIndex& saga, const Observation& seen) { impl_->add(saga, seen); }

void SagaMetrics::add(const Run& run) {
  const Observation seen{.events = run.trace.events, .outcome = run.outcome};
  impl_->add(SagaIndex(run.saga), seen);
}

std::string SagaMetrics::to_text() const { return impl_->to_text(); }

std::string prometheus_text(const Run& run) {
  SagaMetrics metrics;
  metrics.add(run);
  return metrics.to_text();
}

std::string prometheus_text(const Report& report) {
  std::vector<std::pair<Labels, Outcomes>> rows;
  for (const SagaReport& saga : report.sagas) {
    Labels labels{
        {"type", saga.definition.name}, {"coordinator", saga.coordinator}, {"participant", saga.participant}};
    if (!saga.scope.empty()) labels.emplace_back("scope", saga.scope);
    labels.emplace_back("subject", saga.id);
    rows.push_back({std::move(labels), saga.outcomes});
  }
  Exposition out;
  write_outcomes(out, rows);
  if (!report.sagas.empty())
    out.family("saga_findings", "gauge",
               "Findings of a saga as one coordinator runs it, by the verdict on it.");
  for (std::size_t i = 0; i < report.sagas.size(); ++i) {
    Labels labels = rows[i].first;
    labels.emplace_back("verdict", verdict_word(exit_code_of(report.sagas[i])));
    out.sample(labels, report.sagas[i].findings.size());
  }
  if (report.studies.empty()) return out.text();
  out.family(
      "saga_study_violated_schedules", "gauge",
      "Schedules of a study (interleavings, guarantees, mutants) that violate something, by its verdict.");
  for (const Study& study : report.studies) {
    out.sample({{"study", std::string(name_of(study.kind))},
                {"name", study.name},
                {"verdict", std::string(verdict_word(exit_code_of(study)))}},
               study.violated_schedules);
  }
  return out.text();
}

}  // namespace saga_harness
