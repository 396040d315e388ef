#include <signal.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness/http_fakes.hpp>
#include <saga_harness_internal/input_file.hpp>
#include <saga_harness_internal/text.hpp>

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

constexpr const char* kTokenVariable = "SAGA_HARNESS_TOKEN";

std::string token_in_file(const std::string& path) {
  constexpr std::size_t kLongestToken = 4096;
  std::string token = internal::read_file(path, {.limit = kLongestToken, .fix = "name a file with a token"});
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  if (token.empty())
    throw Error(ErrorText{.message = "the token in " + path + " is empty", .fix = "write one"});
  return token;
}

std::string token_of(const ServeArguments& arguments) {
  if (!arguments.token_file.empty()) return token_in_file(arguments.token_file);
  if (!arguments.token.empty()) return arguments.token;
  const char* const given = std::getenv(kTokenVariable);
  return given == nullptr ? "" : given;
}

int read_port(std::string_view text, const std::string& option) {
  constexpr int kHighest = 65535;
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_port =
      error == std::errc() && end == text.data() + text.size() && port > 0 && port <= kHighest;
  if (!is_port)
    throw Error(ErrorText{.source = "--service-port " + option,
                          .message = internal::in_quotes(text) + " is no port",
                          .fix = "give a number from 1 to 65535"});
  return port;
}

void read_service_ports(const ServeArguments& arguments, HttpFakesOptions& options) {
  for (const std::string& option : arguments.service_ports) {
    const std::size_t equals = option.find('=');
    const bool is_shared = equals == std::string::npos;
    const int port = read_port(std::string_view(option).substr(is_shared ? 0 : equals + 1), option);
    const bool is_new = is_shared ? std::exchange(options.shared_port, port) == 0
                                  : options.service_ports.emplace(option.substr(0, equals), port).second;
    if (!is_new)
      throw Error(ErrorText{.source = "--service-port " + option,
                            .message = "that port was given before",
                            .fix = "give it once"});
  }
}

}  // namespace

ExitCode run_serve(const ServeArguments& arguments) {
  const EndSignals end;
  HttpFakesOptions options{.bind = arguments.bind,
                           .port = arguments.port,
                           .advertise = arguments.advertise,
                           .token = token_of(arguments),
                           .max_journal = arguments.max_journal};
  read_service_ports(arguments, options);
  HttpFakes fakes(load_scenario(arguments.scenario), std::move(options));
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
