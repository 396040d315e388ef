#include <algorithm>
#include <array>
#include <limits>

#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/saga_json.hpp>
#include <saga_harness_internal/text.hpp>

#include "admin/admin.hpp"
#include "admin/outstanding.hpp"

namespace saga_harness::http {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

constexpr std::array<std::string_view, 7> kRunKeys{"saga_id", "plan", "timeout", "max_calls",
                                                   "kinds",   "keys", "context"};
constexpr std::array<std::string_view, 3> kReportKeys{"saga_id", "outcome", "flagged"};
constexpr std::array kOutcomes{Outcome::kCompleted, Outcome::kCompensated, Outcome::kFlagged};
constexpr std::string_view kRunSchema =
    R"({"type":"object","additionalProperties":false,"required":["saga_id"],"properties":{)"
    R"("saga_id":{"type":"string"},"plan":{"type":"string","description":"faults in one line"},)"
    R"("timeout":{"type":"string","description":"how long the subject waits for an answer"},)"
    R"("max_calls":{"type":"integer"},"kinds":{"type":"array","items":{"type":"string"}},)"
    R"("keys":{"type":"boolean","description":"false: requests are not recognised by idempotency key"},)"
    R"("context":{"type":"object","description":"what the saga is started with, for conditions of steps"}}})";
constexpr std::string_view kReportSchema =
    R"({"type":"object","additionalProperties":false,"required":["outcome"],"properties":{)"
    R"("saga_id":{"type":"string"},"outcome":{"enum":["completed","compensated","flagged"]},)"
    R"("flagged":{"type":"array","items":{"type":"string"}}}})";

void write_number(JsonWriter& writer, std::string_view key, std::uint64_t value) {
  writer.key(key);
  writer.number(static_cast<std::int64_t>(value));
}

void write_ledger(JsonWriter& writer, const ObservedRun& run, const SagaIndex& saga) {
  writer.key("effects");
  writer.begin_object();
  for (StepId step = 0; step < saga.step_count(); ++step) {
    writer.key(saga.step(step).name);
    writer.begin_object();
    write_number(writer, "applied", run.ledger.effects[step].applied);
    write_number(writer, "undone", run.ledger.effects[step].undone);
    writer.end_object();
  }
  writer.end_object();
  writer.key("quantities");
  writer.begin_object();
  for (const Quantity& quantity : run.ledger.quantities) {
    writer.key(quantity.name);
    writer.begin_object();
    writer.key("rule");
    writer.string(name_of(quantity.rule));
    writer.key("at_start");
    writer.number(quantity.at_start);
    writer.key("now");
    writer.number(quantity.at_end);
    writer.end_object();
  }
  writer.end_object();
}

void write_run(JsonWriter& writer, const std::string& saga_id, const ObservedRun& run,
               const SagaIndex& saga) {
  writer.begin_object();
  writer.key("saga_id");
  writer.string(saga_id);
  writer.key("outcome");
  writer.string(name_of(run.outcome));
  write_number(writer, "calls", run.calls);
  write_number(writer, "unmatched", run.unmatched);
  writer.key("hit_call_cap");
  writer.boolean(run.hit_call_cap);
  writer.key("rests_on_time");
  writer.boolean(run.rests_on_time);
  writer.key("fired");
  writer.string(to_string(run.fired));
  writer.key("unfired");
  writer.string(to_string(run.unfired));
  writer.key("held_back");
  writer.begin_array();
  for (const HeldBack& held : run.held_back) writer.string(describe(held, saga));
  writer.end_array();
  if (!run.skipped.empty()) {
    writer.key("skipped");
    writer.begin_array();
    for (StepId step = 0; step < saga.step_count(); ++step) {
      if (run.skipped[step] != 0) writer.string(saga.step(step).name);
    }
    writer.end_array();
  }
  write_ledger(writer, run, saga);
  writer.end_object();
}

AdminAnswer answer_with(const std::string& saga_id, const ObservedRun& run, const SagaIndex& saga,
                        int status) {
  AdminAnswer answer{.status = status};
  JsonWriter writer(answer.body);
  write_run(writer, saga_id, run, saga);
  return answer;
}

AdminAnswer post_run(const AdminCall& call) {
  const JsonReader body = call.json();
  body.expect_keys("a run", kRunKeys);
  ObservedRunOptions options;
  if (const auto plan = body.find("plan")) options.plan = parse_plan(plan->string());
  if (const auto timeout = body.find("timeout")) options.timeout = timeout->duration();
  if (const auto calls = body.find("max_calls"))
    options.max_calls = static_cast<std::uint64_t>(calls->integer(1, 1'000'000));
  if (const auto kinds = body.find("kinds")) {
    for (const JsonReader& kind : kinds->items()) options.kinds.push_back(parse_fault_kind(kind.string()));
  }
  if (const auto keys = body.find("keys")) options.keys = keys->boolean();
  if (const auto context = body.find("context")) options.context = internal::read_context(*context);
  const std::string& saga_id = body.at("saga_id").string();
  if (call.runs.find(saga_id) != nullptr)
    throw AdminRefusal{409, "there is a run of saga id " + internal::in_quotes(saga_id) + " already"};
  call.runs.open(saga_id, std::move(options));
  AdminAnswer answer{.status = 201};
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("saga_id");
  writer.string(saga_id);
  writer.key("services");
  writer.begin_object();
  for (const auto& [name, url] : call.services.urls(saga_prefix(saga_id))) {
    writer.key(name);
    writer.string(url);
  }
  writer.end_object();
  writer.end_object();
  return answer;
}

AdminAnswer get_runs(const AdminCall& call) {
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("runs");
  writer.begin_array();
  for (const wire::RunPtr& run : call.runs.runs()) writer.string(run->saga_id());
  writer.end_array();
  write_number(writer, "forgotten", call.runs.forgotten_runs());
  writer.end_object();
  return answer;
}

AdminAnswer get_run(const AdminCall& call) {
  const wire::RunPtr run = call.run(call.id);
  return answer_with(run->saga_id(), run->snapshot(), *run->served().saga, 200);
}

AdminAnswer delete_run(const AdminCall& call) {
  const wire::RunPtr run = call.run(call.id);
  return answer_with(call.id, call.runs.close(call.id), *run->served().saga, 200);
}

AdminAnswer get_ledgers(const AdminCall& call) {
  const std::optional<std::string> saga_id = call.query("saga_id");
  const std::vector<wire::RunPtr> runs =
      saga_id ? std::vector<wire::RunPtr>{call.run(saga_id)} : call.runs.runs();
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  for (const wire::RunPtr& run : runs) {
    writer.key(run->saga_id());
    writer.begin_object();
    write_ledger(writer, run->snapshot(), *run->served().saga);
    writer.end_object();
  }
  writer.end_object();
  return answer;
}

AdminAnswer get_trace(const AdminCall& call) {
  const wire::RunPtr run = call.run(call.query("saga_id"));
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("saga_id");
  writer.string(run->saga_id());
  write_number(writer, "dropped", run->dropped_events());
  writer.key("events");
  writer.raw(to_json(run->snapshot().trace, *run->served().saga));
  writer.end_object();
  return answer;
}

AdminAnswer post_report(const AdminCall& call) {
  const JsonReader body = call.json();
  body.expect_keys("a report", kReportKeys);
  const JsonReader word = body.at("outcome");
  std::vector<std::string_view> names;
  for (const Outcome outcome : kOutcomes) names.push_back(name_of(outcome));
  const auto found = std::ranges::find(names, std::string_view(word.string()));
  if (found == names.end())
    word.refuse("there is no outcome " + internal::in_quotes(word.string()),
                internal::name_fix(word.string(), names));
  std::vector<std::string> flagged;
  if (const auto list = body.find("flagged")) {
    for (const JsonReader& step : list->items()) flagged.push_back(step.string());
  }
  const auto saga_id = body.find("saga_id");
  call.run(saga_id ? std::optional(saga_id->string()) : std::nullopt)
      ->note_report(kOutcomes[static_cast<std::size_t>(found - names.begin())], flagged);
  return {200, "{}"};
}

}  // namespace

std::vector<AdminRoute> routes_about_runs() {
  const AdminStatus no_run{404, "there is no run of that saga id"};
  return {
      {.method = "POST",
       .path = "/runs",
       .name = "openRun",
       .summary = "Opens a run with a plan of faults and bounds. Without it, the first request opens one.",
       .body = AdminBody::kRequired,
       .schema = kRunSchema,
       .statuses = {{201, "opened; the URLs in the body are known to be of this saga"},
                    {400, "the plan cannot strike, or a field is wrong"},
                    {409, "there is one of that saga id"}},
       .serve = post_run},
      {.method = "GET",
       .path = "/runs",
       .name = "listRuns",
       .summary = "The saga ids of all runs.",
       .statuses = {{200, "and how many were forgotten for want of room"}},
       .serve = get_runs},
      {.method = "GET",
       .path = "/runs/{id}",
       .name = "getRun",
       .summary = "A run as it stands.",
       .statuses = {{200, "it is in the body"}, no_run},
       .serve = get_run},
      {.method = "DELETE",
       .path = "/runs/{id}",
       .name = "closeRun",
       .summary = "Ends a run: what still comes of it is turned away with 410.",
       .statuses = {{200, "the run as it was"}, no_run},
       .serve = delete_run},
      {.method = "GET",
       .path = "/ledgers",
       .name = "getLedgers",
       .summary = "What was really done: effects and quantities by saga id.",
       .query = {"saga_id"},
       .statuses = {{200, "by saga id"}, no_run},
       .serve = get_ledgers},
      {.method = "GET",
       .path = "/trace",
       .name = "getTrace",
       .summary = "The events of a run.",
       .query = {"saga_id"},
       .statuses = {{200, "in order"}, no_run},
       .serve = get_trace},
      {.method = "POST",
       .path = "/report",
       .name = "report",
       .summary = "Tells what the subject said: how the saga ended.",
       .body = AdminBody::kRequired,
       .schema = kReportSchema,
       .statuses = {{200, "noted"}, {400, "no such outcome or step"}, no_run},
       .serve = post_report},
  };
}

}  // namespace saga_harness::http
