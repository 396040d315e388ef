#pragma once

#include <chrono>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/wire.hpp>

namespace saga_harness {

/// Where and within which bounds the fakes listen.
struct HttpFakesOptions {
  std::string bind = "127.0.0.1";                              ///< any other address needs `token`
  int port = 0;                                                ///< of the admin API; 0: a free one
  std::map<std::string, int, std::less<>> service_ports = {};  ///< by name; of the others: free ones
  int shared_port = 0;         ///< of all services, as with `"ports": "one"`; 0: as the scenario says
  std::string advertise = {};  ///< the host in the URLs that are told; empty: `bind`
  std::string token = {};      ///< what the admin API asks for as `Authorization: Bearer …`; empty: nothing
  std::size_t max_payload = 8U << 20U;  ///< bytes of a request's body; larger ones are answered 413
  std::size_t max_connections = 2048;
  /// What the journal keeps, in entries and in bytes of their texts; what is dropped is counted. Of runs made
  /// elsewhere: theirs.
  std::size_t max_journal = 100'000;
  std::size_t max_journal_bytes = 128U << 20U;
};
void PrintTo(const HttpFakesOptions& value, std::ostream* out);

/// The participants of a scenario, served over HTTP on free ports of their own, with an admin API beside
/// them. Each saga id has its own participants, ledgers and faults, so that many runs share one set of
/// servers; a saga id that nobody opened is opened, without faults, by its first request. Thread-safe.
class HttpFakes {
 public:
  /// @throws Error if the scenario does not fit (a service without a route, two actions with the same one, no
  /// service of a name in `service_ports`), or a condition cannot be judged in its context.
  explicit HttpFakes(Scenario scenario, HttpFakesOptions options = {});
  /// The same over runs that another transport carries, too, and that outlive the fakes.
  explicit HttpFakes(ObservedRuns& runs, HttpFakesOptions options = {});
  ~HttpFakes();  ///< stops
  HttpFakes(const HttpFakes&) = delete;
  HttpFakes& operator=(const HttpFakes&) = delete;

  /// @throws Error if a port cannot be bound.
  void start();
  /// Ends every connection, hung ones too. The same object can be started again, on the same ports.
  void stop();

  [[nodiscard]] std::string admin_url() const;
  [[nodiscard]] std::map<std::string, std::string, std::less<>> service_urls() const;
  /// The same with a prefix of the path by which every request is known to be of `saga_id`, for subjects that
  /// do not pass it on.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> service_urls(std::string_view saga_id) const;

  /// The runs that it serves: opened, healed, looked at and closed there.
  [[nodiscard]] ObservedRuns& runs() noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness
