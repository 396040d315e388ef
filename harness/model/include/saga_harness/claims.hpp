#pragma once

#include <array>
#include <iosfwd>
#include <string_view>

namespace saga_harness {

/// What a subject promises beyond outcome and order: some rules are judged, and some faults are tried, only
/// where it does (see kRuleCatalogue and kFaultCatalogue). The reference orchestrator promises everything; a
/// coordinator of your own nothing, until you say so. What each says is in kClaimCatalogue.
struct Claims {
  bool durable_word = false;
  bool idempotency_keys = false;
  bool silence = false;
  bool retries = false;
  bool write_ahead = false;
  bool honours_pivot = false;
  bool accepts_rejection = false;
  bool names_flagged_steps = false;
  bool survives_crashes = false;
  bool carries_context = false;
  bool reads_bodies = false;
  bool checks_log_writes = false;
  bool fences = false;
  bool starts_once = false;
  bool honours_cancel = false;
  bool flags_only_when_needed = false;
  bool keeps_timeouts = false;
  bool awaits_before_undoing = false;
  bool resumes_where_it_stopped = false;
  bool separate_transactions = false;

  [[nodiscard]] static constexpr Claims all();
  friend bool operator==(const Claims&, const Claims&) = default;
};
void PrintTo(const Claims& value, std::ostream* out);

/// One claim: its name in JSON and on the command line, and what a subject says by it.
struct ClaimRow {
  std::string_view name;
  bool Claims::*flag;
  bool shows_over_wires;     ///< a subject in another process can claim it: neither its log nor its clock is
                             ///< needed to judge it
  std::string_view promise;  ///< goes on "the subject claims …"
};
void PrintTo(const ClaimRow& value, std::ostream* out);

/// Every claim, in the order of Claims.
inline constexpr std::array kClaimCatalogue{
    ClaimRow{"durable_word", &Claims::durable_word, false, "that its log has the last word"},
    ClaimRow{"idempotency_keys", &Claims::idempotency_keys, true, "idempotency keys"},
    ClaimRow{"silence", &Claims::silence, true, "silence after the end"},
    ClaimRow{"retries", &Claims::retries, true, "to use its retry budgets"},
    ClaimRow{"write_ahead", &Claims::write_ahead, false, "write-ahead logging"},
    ClaimRow{"honours_pivot", &Claims::honours_pivot, true, "to honour the pivot"},
    ClaimRow{"accepts_rejection", &Claims::accepts_rejection, true, "to accept rejections"},
    ClaimRow{"names_flagged_steps", &Claims::names_flagged_steps, true,
             "to name, with `flagged`, the steps that may be left"},
    ClaimRow{"survives_crashes", &Claims::survives_crashes, true,
             "to resume from its log; otherwise a crash only has to leave nothing worse"},
    ClaimRow{"carries_context", &Claims::carries_context, true, "to carry correlation id and auth token"},
    ClaimRow{"reads_bodies", &Claims::reads_bodies, true,
             "to take a success whose body says `\"success\": false` as a rejection"},
    ClaimRow{"checks_log_writes", &Claims::checks_log_writes, false,
             "to heed what `Runtime::append()` returns, and to skip torn records"},
    ClaimRow{"fences", &Claims::fences, false,
             "to do nothing more once another incarnation has taken the saga over"},
    ClaimRow{"starts_once", &Claims::starts_once, false,
             "that a second request to start the same saga starts nothing"},
    ClaimRow{"honours_cancel", &Claims::honours_cancel, false, "to heed `Runtime::cancel_requested()`"},
    ClaimRow{"flags_only_when_needed", &Claims::flags_only_when_needed, true,
             "to call a person only where it can neither go on nor compensate"},
    ClaimRow{"keeps_timeouts", &Claims::keeps_timeouts, false,
             "to wait for an answer as long as is declared, and no longer"},
    ClaimRow{"awaits_before_undoing", &Claims::awaits_before_undoing, false,
             "to undo no step whose action it still waits for"},
    ClaimRow{
        "resumes_where_it_stopped", &Claims::resumes_where_it_stopped, true,
        "to ask again, after a restart, for nothing that was answered with success before the step after "
        "it was asked for"},
    ClaimRow{
        "separate_transactions", &Claims::separate_transactions, false,
        "that its participants or handlers end transactions before they are through, and make good what a "
        "crash between two of them leaves (`EffectRecorder::commit()`, `HandlerContext::commit()`)"},
};
static_assert(sizeof(Claims) == kClaimCatalogue.size() * sizeof(bool), "each claim has one row");

constexpr Claims Claims::all() {
  Claims claims;
  for (const ClaimRow& row : kClaimCatalogue) claims.*row.flag = true;
  return claims;
}

}  // namespace saga_harness
