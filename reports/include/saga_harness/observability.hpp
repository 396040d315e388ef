#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <saga_harness/observation.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/saga_index.hpp>

/// What a saga's operators would have seen of a run: metrics, log lines and spans. Pure functions of its
/// trace, never a second record beside it; times are those of the trace. The same run gives the same bytes.
namespace saga_harness {

/// Metrics of any number of runs in the text format of Prometheus (0.0.4). A saga that did not complete has
/// failed; `saga_success_ratio` is the share of those that did. The duration of a step is the time from its
/// first request to its first success, or else to the end of its last attempt; that of a rollback the time
/// from the first sign of failure to the last effect undone, of sagas that ended compensated.
class SagaMetrics {
 public:
  SagaMetrics();
  ~SagaMetrics();
  SagaMetrics(SagaMetrics&&) noexcept;
  SagaMetrics& operator=(SagaMetrics&&) noexcept;

  void add(const SagaIndex& saga, const Observation& seen);
  void add(const Run& run);
  [[nodiscard]] std::string to_text() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The metrics of one run.
[[nodiscard]] std::string prometheus_text(const Run& run);
/// What records hold of them: how the sagas of every subject ended. Durations are in no record.
[[nodiscard]] std::string prometheus_text(const Report& report);

/// A line per thing that happened to the saga as a whole or to one of its steps, each ended by `\n`:
/// `[SAGA-order-1] Step 3/5: process_payment - FAILED`. `saga_id` empty: NAME-1, as the engine has it.
[[nodiscard]] std::string log_lines(const Run& run, std::string_view saga_id = {});

/// The run as one trace in the JSON encoding of OTLP: a span for the saga, below it one for each operation of
/// a step, below these one for each attempt (of kind client; in a choreography each delivery, of kind
/// consumer). What else happened, faults first of all, is an event of the attempt it belongs to, or of the
/// saga if it came when that was over. Ids are hashes; virtual time 0 is the beginning of the year 2000.
[[nodiscard]] std::string otlp_json(const Run& run, std::string_view saga_id = {});

}  // namespace saga_harness
