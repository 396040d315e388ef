#include "choreography.hpp"

#include <algorithm>
#include <map>

#include <saga_harness_internal/one_line.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {
namespace {

constexpr std::size_t kLongestEventName = 200;

/// Goes through the events of a definition once.
class EventValidation {
 public:
  explicit EventValidation(const Saga& saga) : saga_(saga) {}

  std::vector<EventProblem> run() {
    if (saga_.choreography) {
      check_choreography(*saga_.choreography);
      for (std::size_t step = 0; step < saga_.steps.size(); ++step) check_step(step);
    } else {
      for (std::size_t step = 0; step < saga_.steps.size(); ++step) expect_no_events(step);
    }
    return std::move(found_);
  }

 private:
  void add(std::optional<std::size_t> step, std::string_view key, std::string tail, std::string message,
           std::string fix) {
    found_.push_back({step, key, std::move(tail), std::move(message), std::move(fix)});
  }

  void expect_no_events(std::size_t number) {
    const Step& step = saga_.steps[number];
    const auto refuse = [&](std::string_view key) {
      add(number, key, "", "step " + in_quotes(step.name) + " has events, but the saga is no choreography",
          "give the saga \"choreography\": {\"starts_with\": …}, or remove the events");
    };
    if (!step.on_event.empty()) refuse("on_event");
    if (step.emits != Emits{}) refuse("emits");
    if (!step.compensate_on.empty()) refuse("compensate_on");
  }

  // Events may have dots: no plan names them.
  bool is_good_name(std::optional<std::size_t> step, std::string_view key, const std::string& tail,
                    const std::string& name) {
    if (!name.empty() && name.size() <= kLongestEventName && is_utf8(name) &&
        name.find(' ') == std::string::npos && internal::is_one_line(name, kLongestEventName))
      return true;
    add(step, key, tail, "the event " + in_quotes(name) + " has no name, a space, or what cannot be printed",
        "call it something like \"order.created\"");
    return false;
  }

  void check_choreography(const Choreography& choreography) {
    if (is_good_name(std::nullopt, "choreography", "/starts_with", choreography.starts_with))
      roles_.emplace(choreography.starts_with, "starts the saga");
    if (choreography.at_deadline.empty()) {
      if (!choreography.unless.empty())
        add(std::nullopt, "choreography", "/unless", "there is no timer that a step could stop",
            "name its event in \"at_deadline\", or remove \"unless\"");
      if (saga_.deadline)
        add(std::nullopt, "deadline", "", "nothing happens at the deadline",
            "name the event of a timer in \"at_deadline\", or remove the deadline");
      return;
    }
    if (!saga_.deadline)
      add(std::nullopt, "choreography", "/at_deadline", "there is a timer, but no deadline",
          "give the saga a \"deadline\"");
    take_role(std::nullopt, "choreography", "/at_deadline", choreography.at_deadline, "is of the timer");
    const auto is_named = [&](const Step& step) { return step.name == choreography.unless; };
    if (std::find_if(saga_.steps.begin(), saga_.steps.end(), is_named) != saga_.steps.end()) return;
    std::vector<std::string_view> names;
    for (const Step& step : saga_.steps) names.emplace_back(step.name);
    add(std::nullopt, "choreography", "/unless",
        "a timer needs a step that stops it, and " + in_quotes(choreography.unless) + " is none",
        name_fix(choreography.unless, names, "name the step that is the last to be done"));
  }

  void take_role(std::optional<std::size_t> step, std::string_view key, const std::string& tail,
                 const std::string& event, const std::string& role) {
    if (!is_good_name(step, key, tail, event)) return;
    const auto [known, is_new] = roles_.emplace(event, role);
    if (is_new || (known->second == role && role != kSuccess)) return;
    add(step, key, tail, "the event " + in_quotes(event) + " " + known->second + " already",
        "give each its own event; only failures, or compensations, may share one");
  }

  void check_step(std::size_t number) {
    const Step& step = saga_.steps[number];
    const std::string called = "step " + in_quotes(step.name);
    if (!step.after.is_previous_step())
      add(number, "after", "", called + " of a choreography says what it comes after",
          "remove it: its order follows from \"on_event\"");
    if (!step.fallback.empty())
      add(number, "fallback", "", called + " of a choreography has a fallback", "make it a step of its own");
    if (step.on_event.empty())
      add(number, "on_event", "", called + " waits for no event, so it would never run",
          "name the events that its action is due after");
    check_names(number, "on_event", step.on_event);
    if (step.emits.success.empty()) {
      add(number, "emits", "/success", called + " tells nobody that it is done",
          "name the event of its success");
    } else {
      take_role(number, "emits", "/success", step.emits.success, std::string(kSuccess));
    }
    if (!step.emits.failure.empty())
      take_role(number, "emits", "/failure", step.emits.failure, "is a failure");
    if (!step.emits.compensated.empty())
      take_role(number, "emits", "/compensated", step.emits.compensated, "is of compensations");
    check_names(number, "compensate_on", step.compensate_on);
    if (!step.compensate_on.empty() && step.compensation.empty())
      add(number, "compensate_on", "", called + " has no compensation that could be due",
          "name a \"compensation\", or remove \"compensate_on\"");
    if (step.compensation.empty() && !step.emits.compensated.empty())
      add(number, "emits", "/compensated", called + " has no compensation to tell of", "remove the event");
    for (std::size_t place = 0; place < step.compensate_on.size(); ++place) {
      const std::string& event = step.compensate_on[place];
      if (std::find(step.on_event.begin(), step.on_event.end(), event) == step.on_event.end()) continue;
      add(number, "compensate_on", "/" + std::to_string(place),
          called + " is both done and undone on " + in_quotes(event), "decide for one");
    }
  }

  void check_names(std::size_t number, std::string_view key, const std::vector<std::string>& names) {
    for (std::size_t place = 0; place < names.size(); ++place) {
      const std::string tail = "/" + std::to_string(place);
      if (!is_good_name(number, key, tail, names[place])) continue;
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(place), names[place]) !=
          names.begin() + static_cast<std::ptrdiff_t>(place))
        add(number, key, tail, in_quotes(names[place]) + " is named twice", "remove one");
    }
  }

  static constexpr std::string_view kSuccess = "is the success of a step";

  const Saga& saga_;
  std::vector<EventProblem> found_;
  std::map<std::string, std::string, std::less<>> roles_;  // what an event is for
};

}  // namespace

std::vector<EventProblem> problems_with_events(const Saga& saga) { return EventValidation(saga).run(); }

}  // namespace saga_harness::internal
