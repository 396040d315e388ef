// I21: the data that requests carry.

#include <saga_harness/masks.hpp>
#include <saga_harness_internal/text.hpp>

#include "explanation.hpp"

namespace saga_harness {
namespace {

constexpr std::size_t kMostShown = 200;

Context start_of(const Observation& seen, const Saga& saga) {
  return seen.context.empty() ? saga.context : Context::parse(seen.context);
}

}  // namespace

Ruling right_data(const TraceSummary& summary, const Claims&, Explanation explanation) {
  const DataSummary& data = *summary.data;
  if (data.wrong == DataSummary::kNoEvent) return data.any_sent ? kHeldRuling : kUnknownRuling;
  const Event& event = summary.seen->events[data.wrong];
  if (explanation == nullptr) return violated(event.step);
  const Step& step = summary.saga->step(event.step);
  const Binding& binding = internal::bindings_of(step, event.operation)[data.field];
  const Masks masks(summary.saga->saga(), start_of(*summary.seen, summary.saga->saga()));
  const auto shown = [&](const std::string& text) {
    return text.empty() ? "nothing"
                        : internal::printable(masks.shown_at(internal::pointer_of_field(binding.field), text),
                                              kMostShown);
  };
  const std::string who = named(summary, event.step, event.operation);
  if (data.is_same_key) {
    say(explanation, {data.given_by, data.wrong},
        "one idempotency key stands for one set of data, but {} carried {} as \"{}\" before, and now {}", who,
        shown(data.expected), binding.field, shown(data.carried));
  } else if (data.expected.empty()) {
    say(explanation, {data.wrong}, "{} carried {} as \"{}\", but nobody was ever told what {} is", who,
        shown(data.carried), binding.field, to_string(binding.source));
  } else {
    say(explanation, {data.given_by, data.wrong},
        "{} must carry {} as \"{}\", which is {}, but it carried {}", who, to_string(binding.source),
        binding.field, shown(data.expected), shown(data.carried));
  }
  return violated(event.step);
}

}  // namespace saga_harness
