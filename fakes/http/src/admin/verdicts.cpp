#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <saga_harness/judge.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

#include "admin/admin.hpp"
#include "admin/outstanding.hpp"

namespace saga_harness::http {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

constexpr std::array<std::string_view, 6> kVerifyKeys{"saga_id",  "called",  "times",
                                                      "at_least", "at_most", "compensated_in_order"};
constexpr std::array<std::string_view, 2> kCalledKeys{"service", "action"};
constexpr std::int64_t kMany = 1'000'000'000;
constexpr std::string_view kVerifySchema =
    R"({"type":"object","additionalProperties":false,"properties":{"saga_id":{"type":"string"},)"
    R"("called":{"type":"object","additionalProperties":false,"properties":{"service":{"type":"string"},)"
    R"("action":{"type":"string"}}},"times":{"type":"integer"},"at_least":{"type":"integer"},)"
    R"("at_most":{"type":"integer"},"compensated_in_order":{"type":"array","items":{"type":"string"}}}})";

constexpr int kPassed = 200;
constexpr int kFailed = 409;
constexpr int kCannotSay = 412;

/// Those between the commas.
std::vector<std::string_view> names_in(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

Claims read_claims(std::string_view list) {
  Claims claims;
  std::vector<std::string_view> known{"all", "none"};
  for (const ClaimRow& claim : kClaimCatalogue) known.push_back(claim.name);
  for (const std::string_view name : names_in(list)) {
    if (name == "all") {
      claims = Claims::all();
      continue;
    }
    const auto found = std::ranges::find(kClaimCatalogue, name, &ClaimRow::name);
    if (found != kClaimCatalogue.end()) {
      claims.*(found->flag) = true;
    } else if (name != "none") {
      throw AdminRefusal{
          400, "there is no claim " + internal::in_quotes(name) + internal::suggestion(name, known)};
    }
  }
  return claims;
}

/// By Outstanding.
using Allowed = std::array<bool, kOutstandingNames.size()>;

Allowed read_allowed(std::string_view list) {
  Allowed allowed{};
  for (const std::string_view name : names_in(list)) {
    const auto found = std::ranges::find(kOutstandingNames, name);
    if (found == kOutstandingNames.end())
      throw AdminRefusal{400, "allow: there is nothing called " + internal::in_quotes(name) +
                                  internal::suggestion(name, kOutstandingNames)};
    allowed[static_cast<std::size_t>(found - kOutstandingNames.begin())] = true;
  }
  return allowed;
}

/// Returns whether there is nothing but what is allowed.
bool write_outstanding(JsonWriter& writer, const std::vector<OutstandingFound>& found,
                       const Allowed& allowed) {
  bool is_allowed = true;
  writer.key("outstanding");
  writer.begin_array();
  for (const OutstandingFound& each : found) {
    const auto which = static_cast<std::size_t>(each.what);
    is_allowed = is_allowed && allowed[which];
    writer.begin_object();
    writer.key("what");
    writer.string(kOutstandingNames[which]);
    writer.key("reason");
    writer.string(each.reason);
    writer.key("allowed");
    writer.boolean(allowed[which]);
    writer.end_object();
  }
  writer.end_array();
  return is_allowed;
}

void write_verdict(JsonWriter& writer, const Verdict& verdict, const SagaIndex& saga) {
  writer.begin_object();
  writer.key("id");
  writer.string(id_of(verdict.rule));
  writer.key("name");
  writer.string(name_of(verdict));
  writer.key("status");
  writer.string(name_of(verdict.status));
  if (!verdict.explanation.empty()) {
    writer.key("explanation");
    writer.string(verdict.explanation);
  }
  if (verdict.step != kNoStep) {
    writer.key("step");
    writer.string(saga.step(verdict.step).name);
  }
  writer.end_object();
}

AdminAnswer get_verdict(const AdminCall& call) {
  const wire::RunPtr run = call.run(call.query("saga_id"));
  const wire::ServedScenario& served = run->served();
  if (const std::uint64_t dropped = run->dropped_events(); dropped > 0) {
    throw AdminRefusal{kCannotSay, fmt::format("the trace of saga {} is not whole, {} events did not fit: "
                                               "nothing can be said of it; reset it more often",
                                               internal::in_quotes(run->saga_id()), dropped)};
  }
  const Allowed allowed = read_allowed(call.query("allow").value_or(""));
  std::vector<Invariant> own;
  for (const QuantityInvariant& invariant : served.scenario.invariants)
    own.push_back(make_invariant(invariant));
  Judge judge(served.saga, read_claims(call.query("claims").value_or("")), served.scenario.switched_off, own,
              served.scenario.expects);
  const ObservedRun seen = run->snapshot();
  const std::vector<std::string_view> texts(seen.trace.texts.begin(), seen.trace.texts.end());
  const std::vector<Verdict> verdicts = judge.explain({.events = seen.trace.events,
                                                       .effects = seen.ledger.effects,
                                                       .quantities = seen.ledger.quantities,
                                                       .texts = texts,
                                                       .outcome = seen.outcome,
                                                       .skipped = seen.skipped,
                                                       .tolerance = kWireTolerance});
  const bool is_violated = std::ranges::any_of(
      verdicts, [](const Verdict& verdict) { return verdict.status == VerdictStatus::kViolated; });
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("saga_id");
  writer.string(run->saga_id());
  const bool is_settled = write_outstanding(writer, outstanding_of(call, *run, seen), allowed);
  const bool passed = is_settled && !is_violated;
  answer.status = passed ? kPassed : kFailed;
  writer.key("passed");
  writer.boolean(passed);
  writer.key("outcome");
  writer.string(name_of(seen.outcome));
  writer.key("verdicts");
  writer.begin_array();
  for (const Verdict& verdict : verdicts) write_verdict(writer, verdict, *served.saga);
  writer.end_array();
  writer.end_object();
  return answer;
}

AdminAnswer answer_check(bool passed, const std::string& expected, const std::string& seen) {
  AdminAnswer answer{.status = passed ? kPassed : kFailed};
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("passed");
  writer.boolean(passed);
  writer.key("expected");
  writer.string(expected);
  writer.key("seen");
  writer.string(seen);
  writer.end_object();
  return answer;
}

/// How often something is to have been called.
struct Times {
  std::uint64_t least = 1;
  std::uint64_t most = static_cast<std::uint64_t>(kMany);
};

/// That something was not called, or no more often, only somebody can say who was there all the time.
void expect_whole_journal(const AdminCall& call, const JsonReader& body, const Times& times) {
  if (times.most == static_cast<std::uint64_t>(kMany)) return;
  const auto saga_id = body.find("saga_id");
  std::vector<wire::RunPtr> runs = call.runs.runs();
  if (saga_id) std::erase_if(runs, [&](const auto& run) { return run->saga_id() != saga_id->string(); });
  if (runs.empty() && times.least == 0) {
    throw AdminRefusal{404,
                       (saga_id ? "there is no run of saga id " + internal::in_quotes(saga_id->string())
                                : std::string("there is no run")) +
                           ": that nothing was called says nothing; open it, and verify before you close it"};
  }
  for (const wire::RunPtr& run : runs) {
    if (call.runs.journal.is_whole_after(run->opened_after())) continue;
    throw AdminRefusal{kCannotSay, fmt::format("the journal is not whole: requests of saga {} may have been "
                                               "cleared or dropped; reset instead of clearing the journal",
                                               internal::in_quotes(run->saga_id()))};
  }
}

AdminAnswer verify_called(const AdminCall& call, const JsonReader& body, const JsonReader& called) {
  called.expect_keys("what was called", kCalledKeys);
  const std::shared_ptr<const RoutedScenario> routes = call.services.scenario();
  wire::JournalQuery query;
  if (const auto saga_id = body.find("saga_id")) query.saga_id = saga_id->string();
  if (const auto service = called.find("service")) query.service = service->string();
  if (const auto action = called.find("action")) query.action = action->string();
  const bool is_known = std::ranges::any_of(routes->routes.endpoints(), [&query](const Endpoint& endpoint) {
    return (query.service.empty() || endpoint.service == query.service) &&
           (query.action.empty() || endpoint.action == query.action);
  });
  if (!is_known) called.refuse("the scenario has no such service and action", "check the names");
  std::uint64_t least = 1;
  std::uint64_t most = static_cast<std::uint64_t>(kMany);
  if (const auto times = body.find("times"))
    least = most = static_cast<std::uint64_t>(times->integer(0, kMany));
  if (const auto bound = body.find("at_least")) least = static_cast<std::uint64_t>(bound->integer(0, kMany));
  if (const auto bound = body.find("at_most")) {
    most = static_cast<std::uint64_t>(bound->integer(0, kMany));
    if (!body.find("at_least")) least = 0;
  }
  const wire::Journal::Counts counts = call.runs.journal.count(query);
  if (counts.dropped > 0) {
    throw AdminRefusal{kCannotSay, fmt::format("the journal is not whole, {} of {} requests were dropped: a "
                                               "count would be wrong; clear it more often",
                                               counts.dropped, counts.total)};
  }
  expect_whole_journal(call, body, {least, most});
  const std::uint64_t seen = counts.matching;
  const std::string expected = least == most ? fmt::format("called {} times", least)
                               : most == static_cast<std::uint64_t>(kMany)
                                   ? fmt::format("called at least {} times", least)
                                   : fmt::format("called {} to {} times", least, most);
  return answer_check(seen >= least && seen <= most, expected, fmt::format("called {} times", seen));
}

AdminAnswer verify_order(const AdminCall& call, const JsonReader& body, const JsonReader& wanted) {
  const auto saga_id = body.find("saga_id");
  const wire::RunPtr run = call.run(saga_id ? std::optional(saga_id->string()) : std::nullopt);
  const SagaIndex& saga = *run->served().saga;
  if (run->dropped_events() > 0)
    throw AdminRefusal{kCannotSay, "the trace of this saga is not whole: reset it more often"};
  std::vector<std::string_view> known;
  for (const Step& step : saga.saga().steps) {
    if (!step.compensation.empty()) known.emplace_back(step.compensation);
  }
  std::vector<std::string> expected;
  for (const JsonReader& name : wanted.items()) {
    if (std::ranges::find(known, std::string_view(name.string())) == known.end())
      name.refuse("there is no compensation " + internal::in_quotes(name.string()),
                  internal::name_fix(name.string(), known, "name those of the scenario"));
    expected.push_back(name.string());
  }
  const ObservedRun now = run->snapshot();
  std::vector<std::string> seen;
  for (const Event& event : now.trace.events) {
    if (event.type == EventType::kUndone) seen.push_back(saga.step(event.step).compensation);
  }
  const auto joined = [](const std::vector<std::string>& names) {
    return names.empty() ? std::string("nothing undone") : fmt::format("{}", fmt::join(names, ", "));
  };
  return answer_check(seen == expected, joined(expected), joined(seen));
}

AdminAnswer post_verify(const AdminCall& call) {
  const JsonReader body = call.json();
  body.expect_keys("a verification", kVerifyKeys);
  const auto called = body.find("called");
  const auto order = body.find("compensated_in_order");
  if (called.has_value() == order.has_value())
    body.refuse("one thing is verified at a time", R"(give "called", or "compensated_in_order")");
  if (called) return verify_called(call, body, *called);
  for (const std::string_view key : {"times", "at_least", "at_most"}) {
    if (const auto extra = body.find(key)) extra->refuse("an order has no number of times", "remove it");
  }
  return verify_order(call, body, *order);
}

}  // namespace

std::vector<AdminRoute> routes_about_verdicts() {
  return {
      {.method = "GET",
       .path = "/verdict",
       .name = "getVerdict",
       .summary =
           "What the invariants say of a run. `claims`: what the subject promises beyond I1 to I6, by "
           "commas, or all. `allow`: held_back, unfired or unmatched, by commas, for a test that means "
           "it.",
       .query = {"saga_id", "claims", "allow"},
       .statuses = {{kPassed, "no invariant is violated"},
                    {kFailed,
                     "one is; or messages are held back, faults have not struck, or requests fitted no "
                     "action"},
                    {404, "there is no run of that saga id"},
                    {kCannotSay, "the trace is not whole"}},
       .serve = get_verdict},
      {.method = "POST",
       .path = "/verify",
       .name = "verify",
       .summary = "Was an action called so many times, were effects undone in this order and no others?",
       .body = AdminBody::kRequired,
       .schema = kVerifySchema,
       .statuses = {{kPassed, "yes"},
                    {kFailed, "no; the body says what was seen"},
                    {400, "a name or field is wrong"},
                    {404, "there is no run of that saga id, or none at all"},
                    {kCannotSay, "the journal or the trace is not whole"}},
       .serve = post_verify},
  };
}

}  // namespace saga_harness::http
