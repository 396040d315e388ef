#include "python_targets.hpp"

namespace saga_harness::cli_tests {

using nlohmann::json;

std::string folder() { return std::string(SAGA_HARNESS_SCENARIOS_DIR) + "/../tests/blackbox/"; }
std::string shop() { return folder() + "shop.json"; }

json statuses() {
  return {{"completed", "completed"}, {"compensated", "compensated"}, {"failed", "flagged"}};
}

json start_by(const std::string& path) {
  return {{"url", "{target}" + path},
          {"body", {{"saga_id", "{saga_id}"}, {"context", "{context}"}, {"services", "{service_urls}"}}}};
}

json server(const std::string& bug) {
  return {
      {"name", "python"},
      {"process",
       {{"command", {"python3", folder() + "orchestrator.py", "serve", bug}}, {"ready", {{"stdout", true}}}}},
      {"start", start_by("/orders")},
      {"outcome", {{"from", "response"}, {"pointer", "/status"}, {"statuses", statuses()}}}};
}

json durable_server(const std::string& bug) {
  json target = server(bug);
  json& command = target["process"]["command"];
  command.push_back("--log");
  command.push_back("{scratch}/sagas.db");
  target["durable"] = true;
  target["start"] = start_by("/orders?async=1");
  target["outcome"] = {{"from", "poll"},
                       {"request", {{"url", "{target}/orders/{saga_id}"}}},
                       {"pointer", "/status"},
                       {"statuses", statuses()}};
  target["outcome"]["statuses"]["running"] = "running";
  target["outcome"]["statuses"]["unknown saga"] = "running";
  return target;
}

json process_per_saga(const std::string& bug) {
  return {{"name", "python, a process per saga"},
          {"start",
           {{"command", {"python3", folder() + "orchestrator.py", "run", bug}},
            {"env", {{"SAGA_ID", "{saga_id}"}, {"CONTEXT", "{context}"}, {"SERVICES", "{service_urls}"}}}}},
          {"outcome", {{"from", "stdout"}, {"statuses", statuses()}}}};
}

Result explore(const json& target, std::vector<std::string> options) {
  std::vector<std::string> arguments{"explore", shop(), "--target",
                                     write_scratch("target.json", target.dump())};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run(arguments);
}

}  // namespace saga_harness::cli_tests
