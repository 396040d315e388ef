// Matchers of single requests: what they carried, how often and when.

#include <saga_harness/call_matchers.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include <saga_harness_internal/text.hpp>

#include "failure.hpp"
#include "judged_matcher.hpp"
#include "names.hpp"
#include "run_view.hpp"

namespace saga_harness {
namespace {

using internal::at_line;
using internal::calls_of;
using internal::judged;
using internal::judged_run;
using internal::RunView;

constexpr std::size_t kMostShown = 4096;  // of what was carried

CallMatcher value_matches(std::string what, std::string_view pointer,
                          std::optional<std::string> (CallMade::*value_at)(std::string_view) const,
                          testing::Matcher<const std::string&> value) {
  const std::string begin = what + " " + std::string(pointer) + " that ";
  std::ostringstream sentence;
  std::ostringstream negation;
  value.DescribeTo(&(sentence << begin));
  value.DescribeNegationTo(&(negation << begin));
  const auto check = [pointer = std::string(pointer), value_at, value = std::move(value)](
                         const CallMade& call, std::ostream& out) {
    const std::optional<std::string> found = (call.*value_at)(pointer);
    out << "in which " << pointer << " is "
        << (found ? internal::printable(call.masks.shown_at(pointer, *found), kMostShown) : "nothing");
    return found && value.Matches(*found);
  };
  return judged<CallMade>(sentence.str(), negation.str(), check);
}

void show(const std::vector<const CallMade*>& calls, std::ostream& out) {
  if (calls.empty()) out << "in which it was never called";
  for (const CallMade* const call : calls) {
    out << "\n  attempt " << call->attempt << " carried "
        << internal::printable(call->masks.shown(call->payload), kMostShown)
        << (call->status ? ", answered " : ", unheard");
    if (call->status) out << name_of(*call->status);
    if (!call->answer.empty())
      out << " with " << internal::printable(call->masks.shown(call->answer), kMostShown);
  }
}

void show_times(const std::string& name, const std::vector<const CallMade*>& calls, std::ostream& out) {
  out << name;
  if (calls.empty()) out << " was never sent";
  for (const CallMade* const call : calls)
    out << " from " << format_duration(call->sent_at) << " to " << format_duration(call->ended_at);
}

using Calls = std::vector<const CallMade*>;

/// What holds of the times of the requests of two names.
RunMatcher times_match(const std::string& sentence, const std::string& negation, std::string_view one,
                       std::string_view other, const SourcePlace& place,
                       std::function<bool(const Calls&, const Calls&)> holds) {
  const auto check = [one = std::string(one), other = std::string(other), place, holds = std::move(holds)](
                         const Run& run, std::ostream& out) {
    const RunView view(run);
    const auto named = [&](const std::string& name) {
      return at_line(
          place, [&] { return calls_of(run, view.saga(), internal::operations_named(view.saga(), name)); });
    };
    const Calls of_one = named(one);
    const Calls of_other = named(other);
    show_times(one, of_one, out << "in which ");
    show_times(other, of_other, out << ", and ");
    return holds(of_one, of_other);
  };
  return judged_run(sentence, negation, check);
}

}  // namespace

CallMatcher Carries(std::string_view pointer, testing::Matcher<const std::string&> value) {
  return value_matches("carries a value at", pointer, &CallMade::payload_at, std::move(value));
}

CallMatcher Answered(std::string_view pointer, testing::Matcher<const std::string&> value) {
  return value_matches("is answered with a value at", pointer, &CallMade::answer_at, std::move(value));
}

RunMatcher CalledWith(std::string_view service, std::string_view action, CallMatcher call,
                      SourcePlace place) {
  const std::string target = std::string(action) + " of " + std::string(service);
  std::ostringstream which;
  call.DescribeTo(&which);
  const auto check = [service = std::string(service), action = std::string(action), call = std::move(call),
                      place](const Run& run, std::ostream& out) {
    const RunView view(run);
    const auto calls = at_line(place, [&] {
      return calls_of(run, view.saga(), internal::operations_at(view.saga(), service, action));
    });
    show(calls, out);
    return std::ranges::any_of(calls, [&](const CallMade* each) { return call.Matches(*each); });
  };
  return judged_run("has a call of " + target + " that " + which.str(),
                    "has no call of " + target + " that " + which.str(), check);
}

RunMatcher CalledTimes(std::string_view service, std::string_view action, testing::Matcher<std::size_t> times,
                       SourcePlace place) {
  const std::string target = std::string(action) + " of " + std::string(service);
  std::ostringstream sentence;
  std::ostringstream negation;
  times.DescribeTo(&(sentence << "calls " << target << " a number of times that "));
  times.DescribeNegationTo(&(negation << "calls " << target << " a number of times that "));
  const auto check = [service = std::string(service), action = std::string(action), times = std::move(times),
                      place](const Run& run, std::ostream& out) {
    const RunView view(run);
    const auto ids = at_line(place, [&] { return internal::operations_at(view.saga(), service, action); });
    const auto is_it = [&](const internal::SeenCall& call) {
      return std::ranges::find(ids, call.operation) != ids.end();
    };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(view.calls(), is_it));
    out << "in which it was called " << count << (count == 1 ? " time" : " times")
        << "; the calls were: " << view.calls_text();
    return times.Matches(count);
  };
  return judged_run(sentence.str(), negation.str(), check);
}

RunMatcher Before(std::string_view first, std::string_view then, SourcePlace place) {
  const std::string what = std::string(first) + " before " + std::string(then);
  return times_match("has " + what, "does not have " + what, first, then, place,
                     [](const Calls& before, const Calls& after) {
                       return !before.empty() && !after.empty() &&
                              std::ranges::all_of(before, [&](const CallMade* call) {
                                return call->ended_at <= after.front()->sent_at;
                              });
                     });
}

RunMatcher Overlapped(std::string_view one, std::string_view other, SourcePlace place) {
  const std::string what = std::string(one) + " and " + std::string(other) + " under way at the same time";
  return times_match(
      "has " + what, "never has " + what, one, other, place, [](const Calls& calls, const Calls& others) {
        return std::ranges::any_of(calls, [&](const CallMade* call) {
          return std::ranges::any_of(others, [&](const CallMade* beside) {
            return call != beside && call->sent_at < beside->ended_at && beside->sent_at < call->ended_at;
          });
        });
      });
}

}  // namespace saga_harness
