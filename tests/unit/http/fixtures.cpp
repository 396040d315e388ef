#include "fixtures.hpp"

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness::http_tests {
namespace {

constexpr std::string_view kShop = R"({"saga": {"name": "shop", "steps": [
  {"name": "create_order", "service": "order_service", "compensation": "cancel_order"},
  {"name": "process_payment", "service": "payment_service", "compensation": "refund_payment",
   "retry": {"attempts": 3, "delay": "10ms"}},
  {"name": "confirm_order", "service": "order_service", "pivot": true}]})";

ObservedRunOptions with_plan(ObservedRunOptions options, std::string_view plan) {
  options.plan = parse_plan(plan);
  return options;
}

const SagaIndex& index() {
  static const SagaIndex saga(shop().saga);
  return saga;
}

}  // namespace

Scenario shop(std::string_view http_section) {
  std::string text(kShop);
  if (!http_section.empty()) text += fmt::format(R"(, "http": {})", http_section);
  return parse_scenario(text + "}", "shop.json");
}

OneRun::OneRun(std::string_view plan, ObservedRunOptions options, Scenario scenario)
    : fakes(std::move(scenario)) {
  fakes.start();
  fakes.runs().open("run-1", with_plan(std::move(options), plan));
}

std::string OneRun::url(std::string_view service, std::string_view action) const {
  return fmt::format("{}/{}", fakes.service_urls("run-1").at(std::string(service)), action);
}

Answer OneRun::call(std::string_view service, std::string_view action, const Headers& headers) {
  return post(url(service, action), "{}", headers);
}

std::vector<std::string> words(const ObservedRun& run) {
  std::vector<std::string> words;
  for (const Event& event : run.trace.events) words.emplace_back(name_of(event.type));
  return words;
}

std::string story(const ObservedRun& run) { return to_string(run.trace, index()); }

std::vector<std::string> asked(const ObservedRun& run) {
  std::vector<std::string> questions;
  for (const ObservedQuestion& question : run.questions) {
    const Point& point = question.point;
    questions.push_back(fmt::format("{}.{}#{}@{}", index().step(point.step).name, name_of(point.operation),
                                    point.attempt, name_of(point.instant)));
  }
  return questions;
}

}  // namespace saga_harness::http_tests
