#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/duration.hpp>
#include <saga_harness/runtime.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness::wire {

/// What a transport found in a request that is of the saga rather than of its protocol. Empty: nothing.
struct RequestSummary {
  std::string saga_id = {};
  std::string step = {};
  std::string key = {};  ///< idempotency key
  std::string correlation_id = {};
  std::string token = {};
  std::string attempt = {};  ///< as the request says it; only for the journal
};

/// A request whose service and action the transport has found out. Views live while it is being served.
struct RoutedRequest {
  RequestSummary& facts;  ///< moved from once the request is a call
  OperationId operation = {};
  std::string_view service = {};  ///< empty: none fitted
  std::string_view action = {};   ///< empty: none fitted
  std::string_view body = {};
  std::string_view method = {};  ///< how it was asked, in the transport's own terms; only for the journal
  std::string_view path = {};    ///< where, likewise
  std::uint64_t connection = 0;  ///< likewise; from 1
  std::optional<std::string> shown_body = std::nullopt;  ///< in the journal in place of the body …
  std::optional<std::string> shown_path = std::nullopt;  ///< … and of the path: without what is masked
  /// Fields that the definition binds, and that the request bears elsewhere than in its body, by name.
  std::vector<std::pair<std::string, std::string>> parameters = {};
};

/// Of an id that a request bears: it is kept, and told again in answers, where nothing longer has room.
inline constexpr std::size_t kMostIdBytes = 4096;

/// Why a request reaches no participant, and no fault.
enum class Refusal : std::uint8_t {
  kNone,
  kRunIsOver,
  kTooManyRequests,  ///< of a run that is a livelock
  kNothingFits,      ///< no service and action
  kStepNotNamed,     ///< several steps ask for this action
  kIdTooLong,        ///< more than kMostIdBytes of the saga's id, its key or its correlation id
};

/// What the sender is told. A transport puts it into its own terms.
struct Answer {
  Refusal refusal = Refusal::kNone;
  ReplyStatus status = ReplyStatus::kOk;
  ReplyStatus meaning = ReplyStatus::kOk;  ///< what it comes to: other than `status` if only the body says no
  bool body_decides = false;               ///< a transport may not put another body in its place
  int code = 0;                            ///< on the wire, instead of what stands for `status`; 0: that
  std::string_view body = {};              ///< JSON text
  std::string_view correlation_id = {};
  Duration retry_after = Duration::zero();
  Duration spread = Duration::zero();  ///< the body comes in pieces over so long
};

/// In what way an answer cannot be read.
enum class Garbling : std::uint8_t {
  kCutBody,  ///< it begins as it should and ends early, then the connection does
  kCutHead,  ///< it ends so early that nobody can take it for a success, then the connection does
  kBadJson,  ///< whole, with a body that is no JSON
  kBadType,  ///< whole, with a body that says it is something else
};

/// Why a wait ended.
enum class Waited : std::uint8_t { kElapsed, kPeerGone, kWoken };

/// One request and its sender, who waits for an answer: all that a transport has to do for faults to strike.
/// Used on the thread that serves the request, but for wake(). Exactly one of answer(), garble(), cut() and
/// reset() ends it.
class Exchange {
 public:
  /// A whole answer. False if it could not be written.
  virtual bool answer(const Answer& answer) = 0;
  /// An answer that cannot be read. False if it could not be written.
  virtual bool garble(const Answer& answer, Garbling how) = 0;
  /// No answer, and an orderly end of the connection.
  virtual void cut() = 0;
  /// No answer, and a connection that breaks.
  virtual void reset() = 0;
  /// Nothing is answered yet: until that much time has passed, the sender has gone, or wake() is called.
  virtual Waited hold(std::chrono::microseconds time) = 0;
  /// Ends hold(), or the next one; from any thread.
  virtual void wake() = 0;
  /// The number that stands for that answer on the wire, for the journal; 0: the transport has none.
  [[nodiscard]] virtual int code_of(const Answer& answer) const = 0;

 protected:
  ~Exchange() = default;
};

/// `{"error": "…"}`
[[nodiscard]] std::string error_json(std::string_view message);

}  // namespace saga_harness::wire
