#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <saga_harness/http_fakes.hpp>

#include "fault_board.hpp"
#include "journal.hpp"
#include "served_scenario.hpp"
#include "wire_run.hpp"
#include "wire_server.hpp"

namespace saga_harness::http {

using Urls = std::map<std::string, std::string, std::less<>>;
using RunPtr = std::shared_ptr<WireRun>;

/// The services of a scenario with all their runs: what requests find behind the wire. Thread-safe.
class RunRegistry final : public WireHandler {
 public:
  RunRegistry(Scenario scenario, HttpFakesOptions options);

  void start();
  void stop();
  /// Other services, and nothing left of what was. @throws Error, and then all is as it was.
  void load(Scenario scenario);
  void handle(const WireRequest& request, WireExchange& exchange) override;

  [[nodiscard]] std::shared_ptr<const ServedScenario> served() const;
  [[nodiscard]] Urls urls(std::string_view prefix) const;
  [[nodiscard]] const HttpFakesOptions& options() const noexcept { return options_; }

  void open(std::string_view saga_id, HttpRunOptions options);
  HttpRun close(std::string_view saga_id);
  /// nullptr if there is none.
  [[nodiscard]] RunPtr find(std::string_view saga_id) const;
  /// @throws Error
  [[nodiscard]] RunPtr find_or_throw(std::string_view saga_id) const;
  /// In the order of their ids.
  [[nodiscard]] std::vector<RunPtr> runs() const;
  /// Runs, faults and journal as if it had just been started; of one saga, or all.
  void reset(std::optional<std::string_view> saga_id);
  [[nodiscard]] HttpStrays strays() const;
  /// Runs that nobody opened, and that had to give way to younger ones.
  [[nodiscard]] std::uint64_t forgotten_runs() const;

  std::vector<std::uint64_t> add_faults(std::vector<AdminFault> faults);
  /// How many there were.
  std::size_t remove_faults(std::optional<std::uint64_t> id);
  void heal();

  Journal journal;
  FaultBoard faults;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Runs = std::unordered_map<std::string, RunPtr, Hash, std::equal_to<>>;

  [[nodiscard]] RunPtr find_or_open(const ServedScenario& served, const std::string& saga_id);
  void forget_oldest_guest();
  void remember_closed(const std::string& saga_id);
  void turn_away(const RoutedRequest& routed, int status, std::string_view problem);
  void note_stray(const RoutedRequest& routed, int status, std::string_view problem);
  [[nodiscard]] static bool choose_step(const ServedScenario& served, const Match& match,
                                        const RequestSummary& facts, OperationId& operation);
  void listen(const ServedScenario& served, std::vector<int>& ports);
  /// Returns the runs there were.
  Runs change_scenario(std::shared_ptr<const ServedScenario> served, Runs runs);
  void refuse_again();
  void accept_again(const std::vector<AdminFault>& removed);

  const HttpFakesOptions options_;
  WireServer server_;
  std::mutex loading_;  // one scenario at a time; taken before the others
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const ServedScenario> served_;
  std::vector<int> ports_;
  bool is_started_ = false;
  Runs runs_;
  std::deque<std::string> guests_;  // runs that nobody opened, oldest first
  std::unordered_set<std::string, Hash, std::equal_to<>> closed_;
  std::deque<std::string> closed_in_order_;
  std::uint64_t forgotten_runs_ = 0;
  mutable std::mutex strays_mutex_;
  HttpStrays strays_;
};

/// What the path of a service's URL begins with for requests of that saga: `/~SAGA_ID`.
[[nodiscard]] std::string saga_prefix(std::string_view saga_id);
/// `{"error": "…"}`
[[nodiscard]] std::string error_json(std::string_view message);

}  // namespace saga_harness::http
