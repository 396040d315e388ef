// A TARGET.json: as it is given, and laid over a good one, so that each of its keys is read beside good
// others.

#include <string>

#include <nlohmann/json.hpp>

#include <saga_harness/scenario.hpp>
#include <saga_harness/target.hpp>

#include "fuzz.hpp"
#include "json_lines_mutator.hpp"
#include "templates.hpp"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  return saga_harness::fuzz::mutate_json_lines(data, size, most, seed);
}

namespace saga_harness::fuzz {
namespace {

const Scenario& shop() {
  static const Scenario kScenario{
      .saga = {.name = "short",
               .steps = {{.name = "a", .service = "x", .compensation = "b"},
                         {.name = "c", .service = "y", .retry = {.attempts = 2}, .pivot = true}}}};
  return kScenario;
}

const nlohmann::json& good() {
  static const nlohmann::json kGood = nlohmann::json::parse(R"({
    "name": "shop",
    "process": {"command": ["./shop", "{port}"], "env": {"URLS": "{shared_urls}"}, "ready": {"stdout": true}},
    "start": {"url": "{target}/orders", "headers": {"X-Saga-Id": "{saga_id}"},
              "body": {"id": "{saga_id}", "context": "{context}", "x": "{service_url:x}"}},
    "outcome": {"from": "poll", "request": {"url": "{target}/orders/{saga_id}"}, "pointer": "/status", "interval": "5ms",
                "statuses": {"DONE": "completed", "UNDONE": "compensated", "STUCK": "flagged", "BUSY": "running"}},
    "durable": true, "limits": {"run": "4s", "quiet": "20ms"}, "timeout": "250ms", "claims": ["retries"]})");
  return kGood;
}

const blackbox::TemplateValues& values() {
  static const blackbox::TemplateValues kValues{.texts = {{"saga_id", "S\"1"},
                                                          {"target", "http://t"},
                                                          {"port", "1"},
                                                          {"scratch", "/s"},
                                                          {"context", "{\"a\":1}"}},
                                                .service_urls = {{"x", "http://x"}, {"y", "http://y"}},
                                                .shared_urls = {{"x", "http://x"}, {"y", "http://y"}}};
  return kValues;
}

void fill_in(const RequestTemplate& request) {
  const auto text = [](std::string_view given) {
    static_cast<void>(accepted([&] { return blackbox::fill(given, values()); }));
  };
  text(request.url);
  for (const auto& [name, value] : request.headers) text(value);
  if (!request.is_json) return text(request.body);
  const auto body = accepted([&] { return blackbox::fill_json(request.body, values()); });
  require(!body || nlohmann::json::accept(*body), "JSON with its templates filled in is JSON");
}

void check(std::string_view text) {
  const auto target = accepted([&] { return parse_target(text, "fuzz.json"); });
  if (!target) return;
  const auto again = accepted([&] { return parse_target(target->declared, "fuzz.json"); });
  require(again.has_value(), "a target is read back from its own spelling");
  require(again->declared == target->declared, "which stays as it is");
  require(target->start_request.has_value() != target->start_command.has_value(),
          "a saga is started in one way");
  require(target->limits.run > Duration::zero() && target->outcome.interval >= Duration::zero(),
          "bounds are bounds");
  require(!target->outcome.statuses.empty(), "how a saga ended can be learnt");
  if (target->start_request) fill_in(*target->start_request);
  if (target->outcome.source == OutcomeSource::kPoll) fill_in(target->outcome.poll);
  if (!accepted([&] { return check_fit(*target, shop()), true; })) return;
  const auto subject = accepted([&] { return experiment(shop(), *target); });
  require(!subject || subject->coordinator_name.size() + subject->participant_name.size() > 0,
          "a subject has a name");
}

}  // namespace

void try_input(std::string_view input) {
  check(input);
  const auto over = nlohmann::json::parse(input, nullptr, false);
  if (!over.is_object()) return;
  nlohmann::json target = good();
  target.merge_patch(over);
  check(target.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace saga_harness::fuzz
