#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness_internal/picks.hpp>

namespace saga_harness::blackbox {

/// A run over HTTP as the oracle wants to see it. The run must outlive the view.
class View {
 public:
  explicit View(const ObservedRun& run)
      : texts_(run.trace.texts.begin(), run.trace.texts.end()),
        payloads_(viewed<SentPayload>(run.payloads)),
        answers_(viewed<HeardAnswer>(run.answers)),
        seen_{.events = run.trace.events,
              .effects = run.ledger.effects,
              .quantities = run.ledger.quantities,
              .texts = texts_,
              .outcome = run.outcome,
              .skipped = run.skipped,
              .payloads = payloads_,
              .context = run.context,
              .answers = answers_,
              .tolerance = kWireTolerance} {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  [[nodiscard]] const Observation& observation() const noexcept { return seen_; }

 private:
  template <class Seen>
  static std::vector<Seen> viewed(const std::vector<DataOfEvent>& data) {
    std::vector<Seen> seen;
    for (const DataOfEvent& each : data) seen.push_back({each.event, each.text});
    return seen;
  }

  std::vector<std::string_view> texts_;
  std::vector<SentPayload> payloads_;
  std::vector<HeardAnswer> answers_;
  Observation seen_;
};

/// One sentence that says in what two runs of one plan differ; empty if in nothing that counts: outcome,
/// flagged steps, effects, places where something might have gone wrong.
[[nodiscard]] std::string difference(const ObservedRun& first, const ObservedRun& second,
                                     const SagaIndex& saga);

/// What a run brought about, whatever the clock said: two that are alike have the same text.
[[nodiscard]] std::string behaviour_of(const ObservedRun& run, const SagaIndex& saga);

[[nodiscard]] bool gave_up(const ObservedRun& run);

/// What an explanation says if its run rests on real time.
[[nodiscard]] std::string with_time(std::string explanation, const ObservedRun& run);

/// Black-box tokens name no subject: the plan is what both worlds have in common.
[[nodiscard]] std::string token_of(const FaultPlan& plan, const SagaIndex& saga);

}  // namespace saga_harness::blackbox
