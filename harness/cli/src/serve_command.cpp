#include <signal.h>

#include <nlohmann/json.hpp>

#include <saga_harness/http_fakes.hpp>

#include "commands.hpp"
#include "terminal.hpp"

namespace saga_harness::cli {

namespace {

/// Set before there are threads, so that none of them is interrupted; wait() is told of the signals instead.
class EndSignals {
 public:
  EndSignals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  void wait() const {
    int signal = 0;
    while (::sigwait(&signals_, &signal) != 0) {
    }
  }

 private:
  sigset_t signals_ = {};
};

}  // namespace

ExitCode run_serve(const ServeArguments& arguments) {
  const EndSignals end;
  HttpFakes fakes(load_scenario(arguments.scenario), {.bind = arguments.bind,
                                                      .port = arguments.port,
                                                      .token = arguments.token,
                                                      .max_journal = arguments.max_journal});
  fakes.start();
  nlohmann::ordered_json ready = {{"admin", fakes.admin_url()},
                                  {"services", nlohmann::ordered_json::object()}};
  for (const auto& [name, url] : fakes.service_urls()) ready["services"][name] = url;
  print(ready.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n');
  end.wait();
  fakes.stop();
  return ExitCode::kUpheld;
}

}  // namespace saga_harness::cli
