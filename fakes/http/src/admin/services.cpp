#include <algorithm>
#include <array>

#include <saga_harness_internal/json_writer.hpp>

#include <saga_harness/masks.hpp>
#include <saga_harness/version.hpp>

#include "admin/admin.hpp"
#include "server/sockets.hpp"

namespace saga_harness::http {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

constexpr std::array<std::string_view, 1> kSagaKeys{"saga_id"};
constexpr std::array<std::string_view, 3> kWaitKeys{"saga_id", "quiet_for", "at_most"};
constexpr std::string_view kSagaSchema =
    R"({"type":"object","additionalProperties":false,"properties":{"saga_id":{"type":"string"}}})";
constexpr std::string_view kWaitSchema =
    R"({"type":"object","additionalProperties":false,"properties":{"saga_id":{"type":"string"},)"
    R"("quiet_for":{"type":"string","default":"50ms"},"at_most":{"type":"string","default":"10s"}}})";
constexpr std::chrono::milliseconds kLookUp{50};  // from one look at the client to the next
constexpr Duration kLongestWait = std::chrono::minutes(10);

/// The saga that the body names, if it does.
std::optional<std::string> saga_of(const AdminCall& call) {
  const JsonReader body = call.json();
  if (body.is_null()) return std::nullopt;
  body.expect_keys("the body", kSagaKeys);
  const auto saga_id = body.find("saga_id");
  return saga_id ? std::optional(saga_id->string()) : std::nullopt;
}

std::vector<wire::RunPtr> runs_meant(const AdminCall& call, const std::optional<std::string>& saga_id) {
  if (!saga_id) return call.runs.runs();
  return {call.run(saga_id)};
}

AdminAnswer get_health(const AdminCall& /*call*/) { return {200, R"({"status":"ok"})"}; }

AdminAnswer get_version(const AdminCall& /*call*/) {
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("name");
  writer.string("saga-harness");
  writer.key("version");
  writer.string(kVersion);
  writer.end_object();
  return answer;
}

AdminAnswer services_answer(const AdminCall& call) {
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("services");
  writer.begin_object();
  const std::optional<std::string> saga_id = call.query("saga_id");
  for (const auto& [name, url] : call.services.urls(saga_id ? saga_prefix(*saga_id) : "")) {
    writer.key(name);
    writer.string(url);
  }
  writer.end_object();
  writer.end_object();
  return answer;
}

AdminAnswer get_scenario(const AdminCall& call) {
  const std::shared_ptr<const wire::ServedScenario> served = call.runs.served();
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("source");
  writer.string(served->scenario.source);
  writer.key("saga");
  writer.raw(to_json(Masks::shown(served->scenario.saga)));
  writer.end_object();
  return answer;
}

AdminAnswer post_scenario(const AdminCall& call) {
  call.services.load(parse_scenario(call.request.body, "the body"));
  return services_answer(call);
}

AdminAnswer post_reset(const AdminCall& call) {
  const std::optional<std::string> saga_id = saga_of(call);
  call.services.reset(saga_id ? std::optional<std::string_view>(*saga_id) : std::nullopt);
  return {200, "{}"};
}

AdminAnswer post_heal(const AdminCall& call) {
  if (const std::optional<std::string> saga_id = saga_of(call)) {
    call.run(saga_id)->heal();
    call.runs.faults.remove_of_saga(*saga_id);
  } else {
    call.services.heal();
  }
  return {200, "{}"};
}

AdminAnswer post_drain(const AdminCall& call) {
  for (const wire::RunPtr& run : runs_meant(call, saga_of(call))) run->drain();
  return {200, "{}"};
}

std::chrono::milliseconds bounded(const JsonReader& body, std::string_view key,
                                  std::chrono::milliseconds usual) {
  const auto value = body.is_null() ? std::nullopt : body.find(key);
  if (!value) return usual;
  if (value->duration() > kLongestWait) value->refuse("nobody waits longer than ten minutes", "give less");
  return std::chrono::duration_cast<std::chrono::milliseconds>(value->duration());
}

/// False after `deadline`, or once nobody waits for the answer: the client has gone, or the server stops.
bool wait_quiet(wire::SagaRun& run, std::chrono::milliseconds quiet_for, Clock::time_point deadline,
                ServerExchange& exchange) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const auto slice = std::clamp(left, std::chrono::milliseconds(0), kLookUp);
    if (run.wait_quiet(quiet_for, slice)) return true;
    if (left <= kLookUp || exchange.wait(std::chrono::microseconds(1)) == wire::Waited::kPeerGone)
      return false;
  }
}

AdminAnswer post_wait(const AdminCall& call) {
  const JsonReader body = call.json();
  std::optional<std::string> saga_id;
  if (!body.is_null()) {
    body.expect_keys("the body", kWaitKeys);
    if (const auto named = body.find("saga_id")) saga_id = named->string();
  }
  const std::chrono::milliseconds quiet_for = bounded(body, "quiet_for", std::chrono::milliseconds(50));
  const std::chrono::milliseconds at_most = bounded(body, "at_most", std::chrono::seconds(10));
  const Clock::time_point deadline = Clock::now() + at_most;
  bool is_quiet = true;
  for (const wire::RunPtr& run : runs_meant(call, saga_id))
    is_quiet = wait_quiet(*run, quiet_for, deadline, call.exchange) && is_quiet;
  return {is_quiet ? 200 : 409, is_quiet ? R"({"quiet":true})" : R"({"quiet":false})"};
}

}  // namespace

std::vector<AdminRoute> routes_about_services() {
  const AdminStatus done{200, "done"};
  const AdminStatus no_run{404, "there is no run of that saga id"};
  return {
      {.method = "GET",
       .path = "/health",
       .name = "getHealth",
       .summary = "Is it there?",
       .statuses = {{200, "it is"}},
       .serve = get_health},
      {.method = "GET",
       .path = "/version",
       .name = "getVersion",
       .summary = "Which version it is.",
       .statuses = {{200, "name and version"}},
       .serve = get_version},
      {.method = "GET",
       .path = "/services",
       .name = "getServices",
       .summary = "The URLs of the services; with saga_id those by which every request is known to be of it.",
       .query = {"saga_id"},
       .statuses = {{200, "by name"}},
       .serve = services_answer},
      {.method = "GET",
       .path = "/scenario",
       .name = "getScenario",
       .summary = "The saga that is served.",
       .statuses = {{200, "its definition, every key present"}},
       .serve = get_scenario},
      {.method = "POST",
       .path = "/scenario",
       .name = "loadScenario",
       .summary = "Serves another scenario. Runs, faults and journal are gone; services that keep their name "
                  "keep their port.",
       .body = AdminBody::kRequired,
       .schema = R"({"type":"object"})",
       .statuses = {{200, "the URLs of the services"}, {400, "the scenario is not good"}},
       .serve = post_scenario},
      {.method = "POST",
       .path = "/reset",
       .name = "reset",
       .summary = "Forgets runs, faults and journal; with saga_id those of one saga.",
       .body = AdminBody::kOptional,
       .schema = kSagaSchema,
       .statuses = {done},
       .serve = post_reset},
      {.method = "POST",
       .path = "/heal",
       .name = "heal",
       .summary = "All faults stop; with saga_id those of one.",
       .body = AdminBody::kOptional,
       .schema = kSagaSchema,
       .statuses = {done, no_run},
       .serve = post_heal},
      {.method = "POST",
       .path = "/drain",
       .name = "drain",
       .summary = "What is held back is delivered now; with saga_id that of one saga.",
       .body = AdminBody::kOptional,
       .schema = kSagaSchema,
       .statuses = {done, no_run},
       .serve = post_drain},
      {.method = "POST",
       .path = "/wait",
       .name = "waitQuiet",
       .summary = "Waits until no request is being served and none came for a while.",
       .body = AdminBody::kOptional,
       .schema = kWaitSchema,
       .statuses = {{200, "it is quiet"}, {409, "it is not, after all that time"}, no_run},
       .serve = post_wait},
  };
}

}  // namespace saga_harness::http
