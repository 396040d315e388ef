#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/bound_data.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/json_pointer.hpp>
#include <saga_harness_internal/one_line.hpp>
#include <saga_harness_internal/order.hpp>
#include <saga_harness_internal/saga_json.hpp>
#include <saga_harness_internal/saga_keys.hpp>
#include <saga_harness_internal/text.hpp>

#include "binding.hpp"
#include "choreography.hpp"
#include "condition.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

constexpr std::size_t kMostSteps = 1000;
constexpr std::size_t kLongestName = 200;
constexpr int kMostAttempts = 1000;
constexpr std::size_t kMostSuggestions = 5;
// Sums of as many of them as a run can wait for still fit in 64 bits.
constexpr Duration kLongestDuration = std::chrono::hours(24 * 366);

std::string_view action_of(const Step& step) { return step.action.empty() ? step.name : step.action; }

/// Goes through a definition once and notes what is wrong, with the place by which it sorts.
class Validation {
 public:
  explicit Validation(const Saga& saga) : saga_(saga) {}

  std::vector<Problem> run() {
    check_saga();
    if (saga_.steps.size() <= kMostSteps) {
      for (std::size_t step = 0; step < saga_.steps.size(); ++step) check_step(step);
      check_events();
      if (names_are_good_) check_order();
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Found& a, const Found& b) { return a.place < b.place; });
    std::vector<Problem> problems;
    for (Found& found : found_) problems.push_back(std::move(found.problem));
    return problems;
  }

 private:
  using Place = std::pair<std::size_t, std::size_t>;
  struct Found {
    Place place;
    Problem problem;
  };
  struct At {
    std::size_t step;
    std::string_view key;
  };

  void add(std::string_view key, std::string message, std::string fix, std::string_view tail = "") {
    const auto rank =
        std::find(internal::kSagaKeys.begin(), internal::kSagaKeys.end(), key) - internal::kSagaKeys.begin();
    const std::size_t group = rank <= 1 ? 0 : saga_.steps.size() + 1;
    found_.push_back({{group, static_cast<std::size_t>(rank)},
                      {"/" + std::string(key) + std::string(tail), std::move(message), std::move(fix)}});
  }

  void add(At at, std::string message, std::string fix, std::string_view tail = "") {
    const auto rank = std::find(internal::kStepKeys.begin(), internal::kStepKeys.end(), at.key) -
                      internal::kStepKeys.begin();
    std::string pointer = "/steps/" + std::to_string(at.step) + "/" + std::string(at.key) + std::string(tail);
    found_.push_back({{at.step + 1, static_cast<std::size_t>(rank)},
                      {std::move(pointer), std::move(message), std::move(fix)}});
  }

  [[nodiscard]] std::string called(std::size_t step) const {
    return "step " + in_quotes(saga_.steps[step].name);
  }

  void check_saga() {
    if (saga_.name.empty()) {
      add("name", "the saga has no name", "give it one");
    } else if (saga_.name.size() > kLongestName) {
      add("name", "the saga's name is longer than " + std::to_string(kLongestName) + " bytes", "shorten it");
    } else if (!internal::is_utf8(saga_.name) || !internal::is_one_line(saga_.name, kLongestName)) {
      add("name", "the saga's name " + in_quotes(saga_.name) + " has bad UTF-8 or a control character",
          "remove it");
    }
    if (saga_.steps.empty()) add("steps", "the saga has no steps", "add at least one");
    if (saga_.steps.size() > kMostSteps) {
      add("steps",
          "the saga has " + std::to_string(saga_.steps.size()) + " steps, more than " +
              std::to_string(kMostSteps),
          "split it into several sagas");
    }
    if (saga_.deadline) {
      if (const std::string why = fault_of_positive(*saga_.deadline); !why.empty()) {
        add("deadline", "the deadline " + why, "give a positive duration, or leave it out");
      }
    }
    if (saga_.parallel_compensation && saga_.choreography) {
      add("parallel_compensation", "nobody drives the compensations of a choreography",
          "leave it out; which of them wait for each other is said by \"compensate_on\"");
    }
    for (std::size_t i = 0; i < saga_.mask.size(); ++i) {
      if (!saga_.mask[i].empty() && internal::is_json_pointer(saga_.mask[i])) continue;
      add("mask", in_quotes(saga_.mask[i]) + " is no JSON pointer to a field",
          "begin it with /, as in \"/card/number\"", "/" + std::to_string(i));
    }
  }

  static std::string fault_of_positive(Duration duration) {
    if (duration <= Duration::zero()) return "is " + format_duration(duration) + ", not positive";
    return fault_of_length(duration);
  }

  static std::string fault_of_length(Duration duration) {
    return duration > kLongestDuration ? "is " + format_duration(duration) + ", longer than a year" : "";
  }

  void check_step(std::size_t number) {
    const Step& step = saga_.steps[number];
    check_step_name(number);
    check_name({number, "service"}, step.service, true);
    check_name({number, "action"}, step.action, false);
    check_name({number, "compensation"}, step.compensation, false);
    check_name({number, "fallback"}, step.fallback, false);
    check_operations(number);
    check_compensation(number);
    check_timeout({number, "timeout"}, step.timeout);
    check_retry({number, "retry"}, step.retry);
    check_timeout({number, "compensation_timeout"}, step.compensation_timeout);
    check_retry({number, "compensation_retry"}, step.compensation_retry);
    if (!step.has_effect) check_that_only_looks(number);
    if (step.optional) check_optional(number);
    if (step.compensated_if_refused) check_compensated_if_refused(number);
    check_after(number);
    if (step.only_if) check_condition(number);
  }

  void check_step_name(std::size_t number) {
    const std::string& name = saga_.steps[number].name;
    const std::size_t before = found_.size();
    check_name({number, "name"}, name, true);
    if (name == internal::kSagaItself) {
      add({number, "name"}, "a step is called \"saga\", which in fault plans stands for the saga itself",
          "rename it");
    }
    const auto [first, is_new] = numbers_.emplace(name, number);
    if (!is_new && !name.empty()) {
      add({number, "name"}, called(number) + " has the name of /steps/" + std::to_string(first->second),
          "give one of them another");
    }
    if (found_.size() != before) names_are_good_ = false;
  }

  void check_name(At at, const std::string& name, bool required) {
    const std::string key(at.key);
    if (name.empty()) {
      if (required) add(at, "the step's " + key + " is empty", "give one");
    } else if (name.size() > kLongestName) {
      add(at,
          "the " + key + " " + in_quotes(name) + " is longer than " + std::to_string(kLongestName) + " bytes",
          "shorten it");
    } else if (!internal::is_utf8(name)) {
      add(at, "the " + key + " " + in_quotes(name) + " is not UTF-8", "write it in UTF-8");
    } else if (name.find_first_of("#@:,. ") != std::string::npos ||
               !internal::is_one_line(name, kLongestName)) {
      add(at, "the " + key + " " + in_quotes(name) + " has a space, a control character or one of # @ : , .",
          "fault plans could not name it; write \"_\" or \"-\" instead");
    }
  }

  void check_operations(std::size_t number) {
    const Step& step = saga_.steps[number];
    const std::string why = " would be two operations under one name";
    if (!step.compensation.empty() && step.compensation == action_of(step)) {
      add({number, "compensation"}, "action and compensation " + in_quotes(step.compensation) + why,
          "rename one");
    }
    if (!step.fallback.empty() && step.fallback == action_of(step)) {
      add({number, "fallback"}, "action and fallback " + in_quotes(step.fallback) + why, "rename one");
    }
    if (!step.fallback.empty() && step.fallback == step.compensation) {
      add({number, "fallback"}, "compensation and fallback " + in_quotes(step.fallback) + why, "rename one");
    }
  }

  // What does not depend on where the pivot is.
  void check_compensation(std::size_t number) {
    const Step& step = saga_.steps[number];
    if (step.compensation.empty()) return;
    if (step.pivot) {
      add({number, "compensation"},
          called(number) + " is the pivot and has a compensation; a pivot is the point of no return",
          "remove the compensation, or \"pivot\"");
    } else if (!step.compensatable) {
      add({number, "compensation"}, called(number) + " has a compensation, but is declared not compensatable",
          "remove the compensation, or \"compensatable\": false");
    }
  }

  void check_that_only_looks(std::size_t number) {
    const Step& step = saga_.steps[number];
    const std::string who = called(number) + " has no effect, but ";
    const auto refuse = [&](std::string_view key, std::string_view why) {
      const std::string name = in_quotes(key);
      add({number, key}, who + std::string(why), "remove " + name + ", or \"has_effect\": false");
    };
    if (!step.compensation.empty()) refuse("compensation", "a compensation: there is nothing to undo");
    if (!step.compensation_input.empty())
      refuse("compensation_input", "says what its compensation carries: there is nothing to undo");
    if (step.pivot) refuse("pivot", "is the pivot: what only looks leaves a way back");
    if (saga_.choreography)
      add({number, "has_effect"}, who + "in a choreography a step is done when its effect is there",
          "remove \"has_effect\", or let a step that has an effect look first");
  }

  void check_optional(std::size_t number) {
    if (saga_.choreography) {
      add({number, "optional"}, called(number) + " is optional, but nobody goes on for it in a choreography",
          "remove it: let the steps after it wait for its failure, or not wait for it at all");
    } else if (saga_.steps[number].pivot) {
      add({number, "optional"}, called(number) + " is the pivot and optional; the steps after it count on it",
          "remove \"optional\", or make a step that has to be done the pivot");
    }
  }

  void check_compensated_if_refused(std::size_t number) {
    const Step& step = saga_.steps[number];
    const auto refuse = [&](std::string_view why, std::string fix) {
      add({number, "compensated_if_refused"},
          called(number) + " is to be compensated though it is refused, but " + std::string(why),
          std::move(fix));
    };
    if (saga_.choreography) {
      refuse("in a choreography a compensation follows events",
             "remove it: let \"compensate_on\" name the event of its own failure");
    } else if (step.compensation.empty()) {
      refuse("has no compensation", "name one, or remove \"compensated_if_refused\"");
    } else if (internal::needs_own_result(step)) {
      refuse(
          "its compensation needs a result, which no refusal gives",
          "let it work without: \"compensates_without_result\": true, or remove \"compensated_if_refused\"");
    }
  }

  void check_timeout(At at, Duration timeout) {
    const std::string why = fault_of_positive(timeout);
    if (!why.empty())
      add(at, "the " + std::string(at.key) + " " + why, "give a positive duration, like \"10s\"");
  }

  void check_retry(At at, const RetryPolicy& policy) {
    if (policy.attempts < 1 || policy.attempts > kMostAttempts) {
      add(at, "there are " + std::to_string(policy.attempts) + " attempts",
          "give a number from 1 to " + std::to_string(kMostAttempts), "/attempts");
    }
    check_delay(at, policy.delay, "/delay");
    if (!std::isfinite(policy.factor) || policy.factor < 1.0) {
      add(at, "the factor is not a number of at least 1", "give one, like 2, or 1 for a constant delay",
          "/factor");
    }
    check_delay(at, policy.max_delay, "/max_delay");
  }

  void check_delay(At at, Duration delay, std::string_view tail) {
    const std::string why =
        delay < Duration::zero() ? "is " + format_duration(delay) + ", negative" : fault_of_length(delay);
    if (!why.empty())
      add(at, "the " + std::string(tail.substr(1)) + " " + why, "give a duration like \"100ms\"", tail);
  }

  void check_after(std::size_t number) {
    const std::vector<std::string>& after = saga_.steps[number].after.names();
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t place = 0; place < after.size(); ++place) {
      const std::string tail = "/" + std::to_string(place);
      const bool repeated = !seen.emplace(after[place], place).second;
      if (after[place] == saga_.steps[number].name) {
        add({number, "after"}, called(number) + " waits for itself", "remove it", tail);
      } else if (repeated) {
        add({number, "after"}, in_quotes(after[place]) + " is named twice", "remove one", tail);
      } else if (!has_step(after[place])) {
        add({number, "after"},
            called(number) + " waits for " + in_quotes(after[place]) + ", which is no step",
            suggest(after[place], "name a step of this saga"), tail);
      } else {
        continue;
      }
      names_are_good_ = false;
    }
  }

  void check_condition(std::size_t number) {
    const At at{number, "only_if"};
    if (saga_.choreography) {
      add(at, called(number) + " has a condition, but nobody asks for the steps of a choreography",
          "remove it: let who emits the event, or who handles it, decide");
    } else if (saga_.steps[number].pivot) {
      add(at, called(number) + " is the pivot and has a condition; the steps after it count on it",
          "remove the condition, or make a step that is always done the pivot");
    }
    internal::ConditionProblem problem = internal::problem_with(*saga_.steps[number].only_if);
    if (problem.key.empty()) return check_nothing_masked(number);
    add(at, std::move(problem.message), std::move(problem.fix), "/" + std::string(problem.key));
  }

  // Records have a definition without what is masked, and must skip the same steps.
  void check_nothing_masked(std::size_t number) {
    const std::string& pointer = saga_.steps[number].only_if->pointer;
    if (pointer.starts_with("/results/")) return;
    const auto leads_there = [&](const std::string& mask) {
      return internal::is_json_pointer(mask) && internal::rest_below(mask, pointer).has_value();
    };
    if (std::ranges::none_of(saga_.mask, leads_there)) return;
    add(At{number, "only_if"}, called(number) + ": which steps are skipped would tell what is masked",
        "do not mask " + in_quotes(pointer) + ", or decide by another field", "/pointer");
  }

  bool has_step(std::string_view name) {
    if (all_names_.empty()) {
      for (const Step& step : saga_.steps) all_names_.emplace_back(step.name);
      std::sort(all_names_.begin(), all_names_.end());
    }
    return std::binary_search(all_names_.begin(), all_names_.end(), name);
  }

  std::string suggest(std::string_view name, std::string_view or_else) {
    // Looking for the nearest costs time, and nobody reads thousands of suggestions.
    return ++suggestions_ > kMostSuggestions ? std::string(or_else)
                                             : internal::name_fix(name, all_names_, or_else);
  }

  void check_events() {
    for (internal::EventProblem& problem : internal::problems_with_events(saga_)) {
      if (problem.step) {
        add({*problem.step, problem.key}, std::move(problem.message), std::move(problem.fix), problem.tail);
      } else {
        add(problem.key, std::move(problem.message), std::move(problem.fix), problem.tail);
      }
    }
  }

  void check_order() {
    const auto predecessors = internal::predecessors_of(saga_);
    const auto order = internal::topological_order(predecessors);
    const auto cycle = internal::find_cycle(predecessors, order);
    if (!cycle.empty()) return add_cycle(cycle);
    const auto precedence = internal::precedence(predecessors, order);
    const auto precedes = [&](std::size_t a, std::size_t b) {
      return precedence[a * saga_.steps.size() + b] != 0;
    };
    check_around_pivot(precedes);
    for (std::size_t step = 0; step < saga_.steps.size(); ++step) {
      check_place_of_condition(step, precedes);
      for (internal::BindingProblem& problem : internal::problems_with_data(saga_, step, precedes))
        add({step, problem.key}, std::move(problem.message), std::move(problem.fix), problem.tail);
    }
  }

  template <typename Precedes>
  void check_place_of_condition(std::size_t number, Precedes precedes) {
    const Step& step = saga_.steps[number];
    const bool is_looked_at = step.only_if && !saga_.choreography && !step.pivot &&
                              internal::problem_with(*step.only_if).key.empty();
    if (!is_looked_at) return;
    internal::ConditionProblem problem = internal::problem_with_place(saga_, number, precedes);
    if (!problem.key.empty())
      add({number, "only_if"}, called(number) + ": " + problem.message, std::move(problem.fix),
          "/" + std::string(problem.key));
  }

  void add_cycle(std::vector<std::uint16_t> cycle) {
    // Told from its first step on, in which each waits for the next.
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    std::string path;
    for (const std::uint16_t step : cycle) path += in_quotes(saga_.steps[step].name) + " waits for ";
    path += in_quotes(saga_.steps[cycle.front()].name);
    const std::string_view key = saga_.choreography ? "on_event" : "after";
    add({cycle.front(), key}, "steps wait for each other: " + path, "break the circle at one of them");
  }

  template <typename Precedes>
  void check_around_pivot(Precedes precedes) {
    const auto is_pivot = [](const Step& step) { return step.pivot; };
    const auto first = std::find_if(saga_.steps.begin(), saga_.steps.end(), is_pivot);
    const auto pivot = static_cast<std::size_t>(first - saga_.steps.begin());
    for (std::size_t number = 0; number < saga_.steps.size(); ++number) {
      const Step& step = saga_.steps[number];
      if (number == pivot) continue;
      if (step.pivot) {
        add({number, "pivot"}, called(number) + " is a second pivot after " + called(pivot), "keep one");
        continue;
      }
      const bool has_pivot = pivot < saga_.steps.size();
      const bool behind = has_pivot && precedes(pivot, number);
      if (has_pivot && !behind && !precedes(number, pivot)) {
        const std::string_view key = saga_.choreography ? "on_event" : "after";
        add({number, key}, called(number) + " runs beside the pivot " + in_quotes(saga_.steps[pivot].name),
            "order it before or after the pivot with " + in_quotes(key));
      } else if (behind && !step.compensation.empty()) {
        add({number, "compensation"},
            called(number) + " comes after the pivot " + in_quotes(saga_.steps[pivot].name) +
                " and has a compensation, which would never be called",
            "remove the compensation");
      } else if (!behind && step.compensation.empty() && step.compensatable && step.has_effect) {
        add({number, "compensation"}, called(number) + " has no compensation",
            "name one, or declare \"compensatable\": false, or \"has_effect\": false where it only looks");
      }
    }
  }

  const Saga& saga_;
  std::vector<Found> found_;
  std::map<std::string_view, std::size_t> numbers_;
  std::vector<std::string_view> all_names_;
  std::size_t suggestions_ = 0;
  bool names_are_good_ = true;
};

}  // namespace

std::vector<Problem> find_problems(const Saga& saga) { return Validation(saga).run(); }

void validate(const Saga& saga) {
  const std::vector<Problem> problems = find_problems(saga);
  if (!problems.empty()) throw Error(internal::error_of(problems, "saga " + in_quotes(saga.name), ""));
}

namespace internal {

ErrorText error_of(const std::vector<Problem>& problems, std::string_view source, std::string_view pointer) {
  constexpr std::size_t kMostShown = 50;
  const auto text_of = [&](const Problem& problem) {
    return ErrorText{.source = std::string(source),
                     .pointer = std::string(pointer) + problem.pointer,
                     .message = problem.message,
                     .fix = problem.fix};
  };
  ErrorText text = text_of(problems.front());
  for (std::size_t place = 1; place < problems.size(); ++place) {
    if (place > 1) text.more += '\n';
    if (place == kMostShown) {
      text.more += "and " + std::to_string(problems.size() - place) + " more problems";
      break;
    }
    text.more += to_string(text_of(problems[place]));
  }
  return text;
}

}  // namespace internal
}  // namespace saga_harness
