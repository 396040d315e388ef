// Whether a stored log still means what it did when it was written.

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness/error.hpp>
#include <saga_harness/log_store.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/text.hpp>

#include "engine_impl.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

std::string named(std::string_view definition, std::string_view hash) {
  return fmt::format("{} {}", in_quotes(definition), hash.empty() ? "without a hash" : hash);
}

[[noreturn]] void refuse_log(const StoredHead& head, const SagaIndex& definition, std::string_view what,
                             std::string_view fix) {
  throw Error(ErrorText{.source = fmt::format("stored saga {}", in_quotes(head.saga_id)),
                        .message = fmt::format("{} (begun with the definition {}, taken up with {})", what,
                                               named(head.definition, head.definition_hash),
                                               named(definition.saga().name, definition_hash_of(definition))),
                        .fix = std::string(fix)});
}

/// Cut short by the death of its writer, it is no JSON.
bool is_whole(std::string_view record) { return nlohmann::json::accept(record); }

void expect_steps_of(const StoredRecord& record, const StoredHead& head, const SagaIndex& definition) {
  const auto expect_known = [&](const std::string& step) {
    if (std::ranges::any_of(definition.saga().steps, [&step](const Step& each) { return each.name == step; }))
      return;
    refuse_log(head, definition,
               fmt::format("its log names the step {}, which the definition has not", in_quotes(step)),
               "take it up with the definition it was begun with, or migrate its log");
  };
  if (!record.step.empty()) expect_known(record.step);
  for (const std::string& step : record.flagged) expect_known(step);
}

}  // namespace

std::string definition_hash_of(const SagaIndex& saga) { return fmt::format("{:016x}", saga.hash()); }

void expect_fit(const StoredSaga& saga, const SagaIndex& definition, bool accepts_another) {
  const StoredHead& head = saga.head;
  for (std::size_t i = 0; i < saga.records.size(); ++i) {
    const StoredRecord record = read_record(saga.records[i]);
    if (record.kind == LogKind::kTorn && is_whole(saga.records[i]))
      refuse_log(head, definition,
                 fmt::format("record {} of its log is of no kind that this version knows: {}", i + 1,
                             in_quotes(saga.records[i])),
                 "take it up with the version that wrote it, or migrate its log");
    if (record.step.empty() && instants_of({.kind = record.kind}).names_step)
      refuse_log(head, definition,
                 fmt::format("record {} of its log is about a step and names none: {}", i + 1,
                             in_quotes(saga.records[i])),
                 "restore the log, or migrate it");
    expect_steps_of(record, head, definition);
  }
  const bool is_same =
      head.definition == definition.saga().name &&
      (head.definition_hash.empty() || head.definition_hash == definition_hash_of(definition));
  if (is_same || accepts_another) return;
  refuse_log(head, definition, "its definition has changed since",
             "take it up with the definition it was begun with; or accept this one "
             "(StoredOptions::accept_definition), if its log means the same by it; or migrate its log");
}

}  // namespace saga_harness
