#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/duration.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// An HTTP request with templates (`{saga_id}`, …) in its URL, header values and body.
struct RequestTemplate {
  std::string method = "POST";
  std::string url = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  bool is_json = false;  ///< `body` is JSON text; templates are filled in within its strings
};
void PrintTo(const RequestTemplate& value, std::ostream* out);

/// A program with templates in its arguments and environment.
struct CommandTemplate {
  std::vector<std::string> argv = {};
  std::map<std::string, std::string> environment = {};  ///< added to the one we have
  std::string folder = {};                              ///< where it runs
};
void PrintTo(const CommandTemplate& value, std::ostream* out);

/// A process that serves many runs.
struct ProcessTemplate {
  CommandTemplate command = {};
  std::string ready_url =
      {};  ///< polled until it answers below 500; empty: the first URL on a line of stdout
  Duration ready_within = std::chrono::seconds(10);
};
void PrintTo(const ProcessTemplate& value, std::ostream* out);

/// Where it is learnt how a saga ended.
enum class OutcomeSource : std::uint8_t { kResponse, kPoll, kExitCode, kStdout };
[[nodiscard]] std::string_view name_of(OutcomeSource value);

/// How the target says how a saga ended.
struct OutcomeTemplate {
  OutcomeSource source = OutcomeSource::kResponse;
  std::string pointer = {};  ///< JSON pointer into the body, or into the last JSON line of stdout
  bool by_status = false;    ///< the word is the status of the answer; for stdout: the last line itself
  RequestTemplate poll = {};
  Duration interval = std::chrono::milliseconds(10);
  std::map<std::string, Outcome> statuses = {};  ///< `running` is Outcome::kUnresolved
  std::string flagged_steps = {};                ///< JSON pointer to an array of names; empty: it names none
};
void PrintTo(const OutcomeTemplate& value, std::ostream* out);

/// Bounds in real time.
struct TargetLimits {
  Duration run = std::chrono::seconds(10);         ///< from the start until the outcome is known
  Duration quiet = std::chrono::milliseconds(50);  ///< a run is over once nothing was sent for so long
  Duration patience = std::chrono::seconds(1);     ///< faults that last until heal are kept up for so long
  /// More in one run are a livelock. 0: eight times what the definition's retry budgets allow, and 64, but at
  /// least 200.
  std::uint64_t calls = 0;
};
void PrintTo(const TargetLimits& value, std::ostream* out);

/// May runs share one target process?
enum class Isolation : std::uint8_t {
  kShared,  ///< many runs at a time, told apart by their saga ids
  kAlone,   ///< one run at a time
  kFresh,   ///< one run per process
};
[[nodiscard]] std::string_view name_of(Isolation isolation);

/// What the services of a choreography speak over, if it is ours to start.
enum class TargetBus : std::uint8_t {
  kNone,
  kNats,  ///< nats-server with JetStream, behind a proxy that delivers as the plan says
};
[[nodiscard]] std::string_view name_of(TargetBus value);

/// A subject in a process of its own: how to start a saga, how to learn what became of it. Read from JSON;
/// the reference is fakes/blackbox/README.md.
struct Target {
  std::string source = {};    ///< the file it came from, as given
  std::string name = {};      ///< for reports
  std::string version = {};   ///< of the target: records of two versions are of two subjects
  std::string declared = {};  ///< its JSON in one spelling, whatever the order of keys
  std::optional<RequestTemplate> start_request = std::nullopt;  ///< either this
  std::optional<CommandTemplate> start_command = std::nullopt;  ///< … or this
  std::optional<ProcessTemplate> process = std::nullopt;
  std::optional<RequestTemplate> resume_request = std::nullopt;
  std::optional<CommandTemplate> resume_command = std::nullopt;
  OutcomeTemplate outcome = {};
  TargetLimits limits = {};
  Duration timeout = Duration::zero();  ///< the longest it waits for an answer; zero: unknown
  bool durable = false;                 ///< it may be killed and started again
  Claims claims = {};
  Isolation isolation = Isolation::kShared;
  TargetBus bus = TargetBus::kNone;
  std::vector<std::string> hints = {};  ///< what still works but is better said otherwise, with its place
};
void PrintTo(const Target& value, std::ostream* out);

/// @throws Error with source, JSON pointer and fix; unknown keys, statuses, claims and templates are refused
/// with the nearest name.
[[nodiscard]] Target parse_target(std::string_view json, std::string_view source);
/// Relative paths in it are meant from its own folder. @throws Error if the file cannot be read, too.
[[nodiscard]] Target load_target(const std::string& path);

/// @throws Error if the target names a service that the scenario does not have.
void check_fit(const Target& target, const Scenario& scenario);

/// What the target is judged by, and how it is called in reports.
[[nodiscard]] Experiment experiment(const Scenario& scenario, const Target& target);

}  // namespace saga_harness
