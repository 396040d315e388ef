#include <saga_harness/explore.hpp>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/error.hpp>
#include <saga_harness/shrink.hpp>
#include <saga_harness_internal/known_findings.hpp>
#include <saga_harness_internal/output_file.hpp>
#include <saga_harness_internal/rule_places.hpp>
#include <saga_harness_internal/text.hpp>

#include "explorer.hpp"
#include "plan_runner.hpp"
#include "search_file.hpp"
#include "subject.hpp"
#include "workers.hpp"

namespace saga_harness {
namespace {

constexpr std::uint64_t kProgressOfWorkersEvery = 50'000;
constexpr int kMostWorkers = 256;
constexpr int kMostShrunkPerRule = 8;  // findings of one rule at one step

void check(const ExploreOptions& options) {
  if (options.max_faults < 0) {
    throw Error(ErrorText{.message = fmt::format("max_faults is {}", options.max_faults),
                          .fix = "it must be 0 or more"});
  }
  if (options.shard.count == 0 || options.shard.index >= options.shard.count) {
    throw Error(ErrorText{
        .message = fmt::format("there is no shard {} of {}", options.shard.index, options.shard.count),
        .fix = "the index must be below the count, from 0"});
  }
  if (options.workers < 1 || options.workers > kMostWorkers) {
    throw Error(ErrorText{.message = fmt::format("workers is {}", options.workers),
                          .fix = fmt::format("it must be from 1 to {}", kMostWorkers)});
  }
  if (options.prune && options.swarm)
    throw Error(ErrorText{.message = "a random search leaves nothing out",
                          .fix = "leave out one of swarm and prune"});
  if (options.prune && options.on_schedule) {
    throw Error(ErrorText{.message = "looking at every schedule needs each of them to be run",
                          .fix = "leave out one of the two, the looking or prune"});
  }
  if (options.classes) {
    throw Error(ErrorText{.message =
                              "faults are put into classes only where a run takes long: of a target in a "
                              "process of its own",
                          .fix = "leave out classes"});
  }
  if (options.workers == 1) return;
  const auto refuse = [](std::string_view what) {
    throw Error(
        {.message = fmt::format(
             "{} needs the schedules one after the other: it cannot be had with more than one worker", what),
         .fix = "leave out one of the two"});
  };
  if (options.max_schedules != 0) refuse("a bound on the number of schedules");
  if (options.stop_at_first_violation) refuse("stopping at the first violation");
  if (options.on_schedule) refuse("looking at every schedule");
}

/// What names, versions and declarations do not tell shows in runs.
void expect_same_runs(const Experiment& experiment, const Sample& sample, const std::string& path) {
  if (sample.drawn().empty()) return;
  PlanRunner runner(experiment);
  const SagaIndex& saga = runner.engine().saga();
  for (const Sample::Drawn& drawn : sample.drawn()) {
    const FaultPlan plan = resolve(parse_plan(drawn.plan), saga);
    runner.run(strikes_of(plan, saga));
    if (runner.digest() == drawn.digest) continue;
    const std::string which = plan.empty() ? "without faults" : internal::in_quotes(drawn.plan);
    throw Error(ErrorText{
        .message = fmt::format("{}: belongs to a search of another subject: the run {} went otherwise there",
                               path, which),
        .fix = "name another file, or remove this one to begin anew; a subject that is not deterministic may "
               "be the cause, too"});
  }
}

/// One search from the beginning, or from where a file says, to its end or until it is stopped.
class Search {
 public:
  Search(const Experiment& experiment, const ExploreOptions& options)
      : experiment_(experiment),
        options_(options),
        state_{Tally(experiment, options.kinds)},
        deadline_(options.max_time) {
    if (!options.resume.empty() || !options.tally.empty()) traits_ = traits_of(experiment, options);
    if (!options.tally.empty()) internal::expect_writable(options.tally);
    if (!options.resume.empty()) take_up();
  }

  /// What was found before an output was lost is found.
  SearchState run() {
    try {
      if (!state_.frontier.finished) {
        options_.workers > 1 ? run_with_workers() : run_alone();
        save();
      }
      if (!options_.tally.empty())
        internal::replace_file(options_.tally, to_text(traits_, options_.shard, state_));
    } catch (const internal::OutputLost& lost) {
      state_.error = lost.what();
    }
    return std::move(state_);
  }

 private:
  void take_up() {
    internal::expect_writable(options_.resume);
    lock_.emplace(options_.resume);
    const std::optional<SearchFile> file = SearchFile::load(options_.resume);
    if (!file) return;
    file->expect(traits_);
    if (const Shard shard = file->shard(); shard != options_.shard) {
      throw Error(ErrorText{
          .message = fmt::format("{}: belongs to shard {}/{}, not to {}/{}", options_.resume, shard.index + 1,
                                 shard.count, options_.shard.index + 1, options_.shard.count),
          .fix = "name another file"});
    }
    state_ = file->state(experiment_);
    expect_same_runs(experiment_, state_.tally.sample(), options_.resume);
  }

  void run_alone() {
    Share share{.deadline = &deadline_, .pause = [this] { save(); }};
    if (!options_.resume.empty()) share.pause_every = std::max<std::uint64_t>(options_.save_every, 1);
    Explorer(experiment_, options_, state_, std::move(share)).run();
  }

  void run_with_workers() {
    std::uint64_t saved = state_.tally.so_far().schedules;
    std::uint64_t shown = saved;
    const auto added = [&] {
      const std::uint64_t schedules = state_.tally.so_far().schedules;
      if (schedules - saved >= options_.save_every) {
        saved = schedules;
        const bool finished = std::exchange(state_.frontier.finished, false);
        save();
        state_.frontier.finished = finished;
      }
      if (options_.on_progress && schedules - shown >= kProgressOfWorkersEvery) {
        shown = schedules;
        options_.on_progress(state_.tally.so_far());
      }
    };
    try {
      run_workers(experiment_, options_, state_, deadline_, added);
    } catch (const internal::OutputLost&) {
      throw;
    } catch (...) {
      save();
      throw;
    }
  }

  void save() const {
    if (!options_.resume.empty())
      internal::replace_file(options_.resume, to_text(traits_, options_.shard, state_));
  }

  const Experiment& experiment_;
  const ExploreOptions& options_;
  Traits traits_;
  SearchState state_;
  Deadline deadline_;
  std::optional<internal::FileLock> lock_;  // of the file that it goes on from
};

/// What is met in another order than that of the exhaustive sequence is seldom small. Shrunk, several may be
/// one.
class ShrunkFindings {
 public:
  ShrunkFindings(const Experiment& experiment, const ExploreOptions& options)
      : experiment_(experiment), options_(options) {}

  [[nodiscard]] std::vector<Finding> of(std::vector<Finding> findings) {
    for (Finding& finding : findings) add(std::move(finding));
    std::ranges::stable_sort(small_, {}, [](const Finding& finding) { return finding.plan.size(); });
    return std::move(small_);
  }

 private:
  void add(Finding finding) {
    const auto is_of_same_rule = [&finding](const Finding& other) {
      return std::tie(other.rule, other.invariant, other.step) ==
             std::tie(finding.rule, finding.invariant, finding.step);
    };
    const auto is_same = [&](const Finding& other) {
      return is_of_same_rule(other) && other.outcome == finding.outcome && other.cause == finding.cause;
    };
    if (std::ranges::count_if(small_, is_of_same_rule) < kMostShrunkPerRule) shrink_one(finding);
    const auto known = std::ranges::find_if(small_, is_same);
    if (known == small_.end()) return small_.push_back(std::move(finding));
    const std::uint64_t schedules = known->schedules + finding.schedules;
    if (finding.plan.size() < known->plan.size()) *known = std::move(finding);
    known->schedules = schedules;
  }

  void shrink_one(Finding& finding) const {
    ShrunkPlan shrunk = shrink(experiment_, finding.plan, place_of(finding, experiment_), options_.kinds);
    finding.plan = std::move(shrunk.plan);
    finding.outcome = shrunk.outcome;
    finding.cause = std::move(shrunk.cause);
    finding.explanation = std::move(shrunk.explanation);
    finding.token = token_of(experiment_, finding.plan);
  }

  const Experiment& experiment_;
  const ExploreOptions& options_;
  std::vector<Finding> small_;
};

Exploration conclude(const Experiment& experiment, const ExploreOptions& options, const SearchState& state) {
  Exploration result = state.tally.conclude(state.frontier.levels_done, options.swarm.has_value());
  result.max_faults = options.max_faults;
  result.exhausted = state.frontier.finished && !options.swarm;
  // What these meet first is not the smallest.
  const bool is_to_shrink = options.swarm || (options.stop_at_first_violation && options.likely_first);
  if (is_to_shrink) result.findings = ShrunkFindings(experiment, options).of(std::move(result.findings));
  static_cast<void>(set_aside_known(experiment, result));
  if (options.shard.count == 1) conclude_statuses(experiment, options, result);
  const Owed owed = options.shard.count > 1 ? Owed{} : owed_by(experiment, options);
  result.verdict = verdict_of(result, owed, options);
  if (!state.error.empty()) result.verdict.error = state.error;
  result.verdict.notes = notes_on(experiment, result.earned);
  judge_known(experiment, options, result);
  return result;
}

ExploreOptions in_scope(const Experiment& experiment, ExploreOptions options) {
  options.kinds = kinds_in_scope(experiment, options.kinds);
  return options;
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string_view name_of(const Finding& finding) {
  return finding.rule == kOwnRule ? std::string_view(finding.invariant) : name_of(finding.rule);
}

Exploration explore(const Experiment& experiment, const ExploreOptions& options) {
  check(options);
  const ExploreOptions scoped = in_scope(experiment, options);
  static_cast<void>(owed_by(experiment, scoped));  // what is expected can be
  return conclude(experiment, scoped, Search(experiment, scoped).run());
}

SearchedFor searched_for(const std::string& path) {
  const std::optional<SearchFile> file = SearchFile::load(path);
  if (!file)
    throw Error(ErrorText{.message = fmt::format("{}: there is no such file", path),
                          .fix = "name one that --tally or --resume wrote"});
  return {.coordinator = file->trait("coordinator"),
          .participant = file->trait("participant"),
          .options = file->options()};
}

Exploration merge_tallies(const Experiment& experiment, const ExploreOptions& asked,
                          std::span<const std::string> paths) {
  const ExploreOptions options = in_scope(experiment, asked);
  if (paths.empty())
    throw Error(
        ErrorText{.message = "there is nothing to merge", .fix = "name the files that the shards wrote"});
  const Traits traits = traits_of(experiment, options);
  SearchState merged{Tally(experiment, options.kinds)};
  merged.frontier.finished = true;
  merged.frontier.levels_done = options.swarm ? 0 : options.max_faults + 1;
  std::vector<std::string> file_of;  // by shard
  for (const std::string& path : paths) {
    const std::optional<SearchFile> file = SearchFile::load(path);
    if (!file) throw Error(ErrorText{.source = std::string(path), .message = "there is no such file"});
    file->expect(traits);
    const Shard shard = file->shard();
    if (file_of.empty()) file_of.resize(shard.count);
    if (shard.count != file_of.size()) {
      throw Error(ErrorText{.message = fmt::format("{}: is one of {} shards, the files before are of {}",
                                                   path, shard.count, file_of.size()),
                            .fix = "merge those of one search"});
    }
    if (!file_of[shard.index].empty()) {
      throw Error(ErrorText{.message = fmt::format("{} and {}: both are shard {}/{}", file_of[shard.index],
                                                   path, shard.index + 1, shard.count),
                            .fix = "leave out one of them"});
    }
    file_of[shard.index] = path;
    const SearchState state = file->state(experiment);
    expect_same_runs(experiment, state.tally.sample(), path);
    merged.tally.merge(state.tally);
    merged.frontier.finished = merged.frontier.finished && state.frontier.finished;
    merged.frontier.levels_done = std::min(merged.frontier.levels_done, state.frontier.levels_done);
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < file_of.size(); ++i) {
    if (file_of[i].empty()) missing.push_back(fmt::format("{}/{}", i + 1, file_of.size()));
  }
  if (!missing.empty()) {
    throw Error(ErrorText{.message = fmt::format("incomplete: shard {} {} missing", listed(missing),
                                                 missing.size() == 1 ? "is" : "are"),
                          .fix = "merge all files of one search"},
                ErrorKind::kIncomplete);
  }
  return conclude(experiment, options, merged);
}

bool operator==(const Nondeterministic&, const Nondeterministic&) = default;

}  // namespace saga_harness
