#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "json/json_text.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::clean;
using reports::OrderedJson;

/// The events of one finding as those of a process; its threads are the coordinator and the services.
class Timeline {
 public:
  Timeline(const SagaReport& saga, const ReportFinding& finding, int process, OrderedJson& events)
      : saga_(saga), finding_(finding), process_(process), events_(events) {}

  void write() {
    add_name("process_name", 0,
             fmt::format("{}: {} under {}", reports::subject_name(saga_), reports::title_of(finding_, saga_),
                         finding_.plan));
    add_name("thread_name", 0, reports::middle_of(saga_));
    for (const Step& step : saga_.definition.steps) {
      if (threads_.contains(step.service)) continue;
      const int thread = static_cast<int>(threads_.size()) + 1;
      threads_.emplace(step.service, thread);
      add_name("thread_name", thread, step.service);
    }
    for (std::size_t i = 0; i < finding_.trace.size(); ++i) add_event(i);
  }

 private:
  void add_name(std::string_view what, int thread, std::string_view name) {
    events_.push_back(
        {{"ph", "M"}, {"name", what}, {"pid", process_}, {"tid", thread}, {"args", {{"name", clean(name)}}}});
  }

  [[nodiscard]] int thread_of(const ReportEvent& event) const {
    const bool is_participants = event.type == "delivered" || event.type == "applied" ||
                                 event.type == "undone" || event.type == "answered";
    const auto at = threads_.find(reports::service_of(event, saga_));
    return is_participants && at != threads_.end() ? at->second : 0;
  }

  /// How long the coordinator waited for what it sent.
  [[nodiscard]] std::int64_t waited(std::size_t sent) const {
    const ReportEvent& event = finding_.trace[sent];
    for (std::size_t i = sent + 1; i < finding_.trace.size(); ++i) {
      const ReportEvent& later = finding_.trace[i];
      const bool ends = later.type == "received" || later.type == "timed_out";
      if ((ends && later.call == event.call) || later.type == "crashed") return later.at_us - event.at_us;
    }
    return 0;
  }

  void add_event(std::size_t number) {
    const ReportEvent& event = finding_.trace[number];
    OrderedJson args = OrderedJson::object();
    args["type"] = clean(event.type);
    if (event.incarnation > 0) args["incarnation"] = event.incarnation;
    if (event.attempt > 0) args["attempt"] = event.attempt;
    for (const auto& [key, value] : event.details) args[clean(key)] = clean(value);
    const bool is_evidence = std::ranges::find(finding_.evidence, number) != finding_.evidence.end();
    if (is_evidence) args["shows_the_violation"] = true;
    OrderedJson out{{"name", clean(reports::label_of(event, saga_))},
                    {"cat", is_evidence             ? "violation"
                            : event.type == "fault" ? "fault"
                                                    : "run"},
                    {"pid", process_},
                    {"tid", thread_of(event)},
                    {"ts", event.at_us}};
    if (event.type == "sent") {
      out["ph"] = "X";
      out["dur"] = waited(number);
    } else {
      out["ph"] = "i";
      out["s"] = event.type == "fault" || event.type == "crashed" || event.type == "healed" ? "p" : "t";
    }
    out["args"] = std::move(args);
    events_.push_back(std::move(out));
  }

  const SagaReport& saga_;
  const ReportFinding& finding_;
  int process_;
  OrderedJson& events_;
  std::map<std::string, int, std::less<>> threads_;
};

}  // namespace

std::string timeline_report(const Report& report) {
  OrderedJson document{{"displayTimeUnit", "ms"}, {"traceEvents", OrderedJson::array()}};
  int process = 0;
  for (const SagaReport& saga : report.sagas) {
    for (const ReportFinding& finding : saga.findings)
      Timeline(saga, finding, ++process, document["traceEvents"]).write();
  }
  return reports::as_document(document);
}

}  // namespace saga_harness
