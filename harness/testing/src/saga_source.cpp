#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/random_plans.hpp>

#include "draw.hpp"

namespace saga_harness {
namespace {

using internal::below;
using internal::one_in;
using std::chrono::milliseconds;

constexpr std::array kTimeouts{milliseconds(100), milliseconds(1000), milliseconds(10'000)};
constexpr std::array kDeadlines{milliseconds(5000), milliseconds(60'000), milliseconds(600'000)};
constexpr std::array kDelays{milliseconds(0), milliseconds(10), milliseconds(1000)};
constexpr std::array kFactors{1.0, 2.0, 3.0};
constexpr std::size_t kServices = 3;

std::string numbered(const char* name, std::size_t number) { return name + std::to_string(number); }

/// Draws one definition, step by step.
class SagaDraw {
 public:
  SagaDraw(const SagaOptions& options, const RandomBits& next) : options_(options), next_(next) {}

  Saga run(std::size_t steps) {
    if (options_.choreographies && steps > 1 && one_in(2, next_)) return choreographed(steps);
    const std::size_t pivot = one_in(2, next_) ? below(steps, next_) : steps;
    for (std::size_t number = 0; number < steps; ++number) {
      Step& step = add_step();
      if (number < pivot) {
        make_backward(step);
        if (number > 0) step.after = draw_after(0, number);
      } else if (number == pivot) {
        step.pivot = true;
        if (number > 0) step.after = ends_before(number);
      } else {
        step.after = draw_after(pivot, number);
        if (step.after == Predecessors(kNoPredecessors)) step.after = {saga_.steps[pivot].name};
      }
    }
    if (options_.parallel_compensation) saga_.parallel_compensation = one_in(2, next_);
    if (options_.conditions) add_conditions(pivot);
    if (options_.checks) let_some_only_look(pivot);
    if (options_.compensated_if_refused) compensate_some_if_refused();
    if (options_.optional_steps) make_some_optional(pivot);
    if (options_.deadlines && one_in(3, next_))
      saga_.deadline = kDeadlines.at(below(kDeadlines.size(), next_));
    return std::move(saga_);
  }

 private:
  Step& add_step() {
    const std::size_t number = saga_.steps.size() + 1;
    Step& step = saga_.steps.emplace_back();
    step.name = numbered("step_", number);
    step.service = numbered("service_", 1 + below(kServices, next_));
    step.timeout = kTimeouts.at(below(kTimeouts.size(), next_));
    step.compensation_timeout = kTimeouts.at(below(kTimeouts.size(), next_));
    step.retry.attempts = draw_attempts();
    step.compensation_retry.attempts = draw_attempts();
    draw_policy(step.retry);
    draw_policy(step.compensation_retry);
    step.idempotent = !one_in(8, next_);
    if (one_in(4, next_)) step.fallback = numbered("other_step_", number);
    return step;
  }

  /// A chain of events, and another one back.
  Saga choreographed(std::size_t steps) {
    saga_.choreography = Choreography{.starts_with = "started"};
    for (std::size_t number = 0; number < steps; ++number) {
      Step& step = add_step();
      const bool is_last = number + 1 == steps;
      step.fallback.clear();
      step.idempotent = true;
      step.on_event = {number == 0 ? std::string("started") : saga_.steps[number - 1].emits.success};
      step.emits = {.success = step.name + ".done", .failure = step.name + ".failed"};
      if (is_last) {
        step.pivot = true;
        continue;
      }
      step.compensation = "undo_" + step.name;
      step.emits.compensated = step.name + ".undone";
    }
    for (std::size_t number = 0; number + 1 < steps; ++number) {
      const Step& next = saga_.steps[number + 1];
      saga_.steps[number].compensate_on = {next.emits.failure};
      if (!next.emits.compensated.empty())
        saga_.steps[number].compensate_on.push_back(next.emits.compensated);
    }
    if (options_.deadlines && one_in(3, next_)) {
      saga_.deadline = kDeadlines.back();
      saga_.choreography->at_deadline = "timed_out";
      saga_.choreography->unless = saga_.steps.back().name;
      saga_.steps[steps - 2].compensate_on.emplace_back("timed_out");
    }
    return std::move(saga_);
  }

  void draw_policy(RetryPolicy& policy) {
    if (!options_.retry_policies || !one_in(4, next_)) return;
    policy.delay = kDelays.at(below(kDelays.size(), next_));
    policy.factor = kFactors.at(below(kFactors.size(), next_));
    policy.max_delay = kTimeouts.at(below(kTimeouts.size(), next_));
  }

  void add_conditions(std::size_t pivot) {
    std::string context;
    for (std::size_t number = 0; number < saga_.steps.size(); ++number) {
      if (number == pivot || !one_in(3, next_)) continue;
      Step& step = saga_.steps[number];
      step.only_if = Condition{.pointer = "/" + step.name, .comparison = Comparison::kEquals};
      const bool is_wanted = one_in(2, next_);
      context += (context.empty() ? "{\"" : ",\"") + step.name + (is_wanted ? "\":true" : "\":false");
    }
    if (!context.empty()) saga_.context = Context::parse(context + "}");
  }

  void make_some_optional(std::size_t pivot) {
    for (std::size_t number = 0; number < saga_.steps.size(); ++number)
      saga_.steps[number].optional = number != pivot && one_in(3, next_);
  }

  void let_some_only_look(std::size_t pivot) {
    for (std::size_t number = 0; number < saga_.steps.size(); ++number) {
      if (number == pivot || !one_in(3, next_)) continue;
      saga_.steps[number].has_effect = false;
      saga_.steps[number].compensatable = true;
      saga_.steps[number].compensation.clear();
    }
  }

  void compensate_some_if_refused() {
    for (Step& step : saga_.steps)
      step.compensated_if_refused = !step.compensation.empty() && one_in(3, next_);
  }

  int draw_attempts() {
    return 1 + static_cast<int>(below(static_cast<std::uint64_t>(options_.max_attempts), next_));
  }

  void make_backward(Step& step) {
    step.compensatable = !one_in(6, next_);
    if (step.compensatable) step.compensation = "undo_" + step.name;
  }

  // What a step waits for, of those from `first` on: mostly the previous step, else up to two, perhaps none.
  Predecessors draw_after(std::size_t first, std::size_t number) {
    if (!one_in(2, next_)) return kPreviousStep;
    std::vector<std::string> after;
    for (std::size_t count = below(3, next_); count > 0; --count) {
      const std::string& name = saga_.steps[first + below(number - first, next_)].name;
      if (std::find(after.begin(), after.end(), name) == after.end()) after.push_back(name);
    }
    return after;
  }

  // The steps that no other waits for: waiting for them is waiting for all.
  Predecessors ends_before(std::size_t number) {
    std::vector<bool> is_end(number, true);
    for (std::size_t step = 0; step < number; ++step) {
      const Predecessors& after = saga_.steps[step].after;
      if (after.is_previous_step() && step > 0) is_end[step - 1] = false;
      const std::vector<std::string>& names = after.names();
      for (std::size_t other = 0; other < step; ++other) {
        if (std::find(names.begin(), names.end(), saga_.steps[other].name) != names.end())
          is_end[other] = false;
      }
    }
    std::vector<std::string> names;
    for (std::size_t step = 0; step < number; ++step) {
      if (is_end[step]) names.push_back(saga_.steps[step].name);
    }
    if (names.size() == 1 && is_end[number - 1]) return kPreviousStep;
    return names;
  }

  const SagaOptions& options_;
  const RandomBits& next_;
  Saga saga_{.name = "generated"};
};

}  // namespace

Saga draw_saga(const SagaOptions& options, const RandomBits& next, int size) {
  if (options.max_steps < 1 || options.max_attempts < 1) {
    throw Error(ErrorText{.source = "SagaOptions",
                          .message = "max_steps or max_attempts is below 1",
                          .fix = "give at least 1"});
  }
  const int most = std::max(1, options.max_steps * std::clamp(size, 0, 100) / 100);
  return SagaDraw(options, next).run(1 + below(static_cast<std::uint64_t>(most), next));
}

}  // namespace saga_harness
