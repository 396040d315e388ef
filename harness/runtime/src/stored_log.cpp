// The saga log in a store that is not ours.

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/log_store.hpp>

#include "engine_impl.hpp"

namespace saga_harness {

// A run is a saga of its own; whoever else writes to the store takes other names.
void Engine::Impl::create_stored_saga() {
  log_fences_ = setup_.store->fences();
  stored_count_ = 0;
  stored_version_.fill(0);
  StoredHead head{.definition = saga_.saga().name, .context = std::string(setup_.context.text())};
  if (setup_.takes_up) {
    stored_id_ = head.saga_id = saga_id_;
    if (setup_.store->create(head)) return;
    read_log_from_store();
    log_version_ = static_cast<std::uint32_t>(log_.size());
    return;
  }
  do {
    head.saga_id = fmt::format("{}~{}", saga_id_, ++stored_runs_);
  } while (!setup_.store->create(head));
  stored_id_ = head.saga_id;
}

LogWrite Engine::Impl::store(std::uint32_t incarnation, const LogRecord& record) {
  const bool is_lost = !lost_.empty() && lost_.back() == log_.size();
  if (is_lost) return LogWrite::kDurable;  // so its writer believes
  const LogWrite write = setup_.store->append(stored_id_, stored_version_[incarnation], record_text(record));
  if (write != LogWrite::kDurable) return write;
  ++stored_version_[incarnation];
  ++stored_count_;
  return write;
}

void Engine::Impl::store_torn(const LogRecord& record) {
  const std::string whole = record_text(record);
  const std::string_view torn = std::string_view(whole).substr(0, whole.size() / 2);
  if (setup_.store->append(stored_id_, stored_version_[incarnation_], torn) == LogWrite::kDurable)
    ++stored_count_;
}

void Engine::Impl::read_log_from_store() {
  const std::optional<StoredSaga> stored = setup_.store->load(stored_id_);
  if (!stored)
    throw Error(fmt::format("the {} store has lost the saga {}", setup_.store->name(), stored_id_));
  log_.clear();
  for (const std::string& text : stored->records) {
    const StoredRecord record = read_record(text);
    LogRecord& kept = log_.emplace_back();
    kept.kind = record.kind;
    kept.operation = record.operation;
    kept.outcome = record.outcome;
    kept.maybe_done = record.maybe_done;
    kept.note = memory_.copy(record.note);
    if (!record.step.empty()) kept.step = saga_.step(step_named(record.step)).name;
    if (record.flagged.empty()) continue;
    auto* steps = static_cast<std::string_view*>(
        memory_.allocate(record.flagged.size() * sizeof(std::string_view), alignof(std::string_view)));
    for (std::size_t i = 0; i < record.flagged.size(); ++i)
      steps[i] = saga_.step(step_named(record.flagged[i])).name;
    kept.flagged = {steps, record.flagged.size()};
  }
  stored_count_ = stored->records.size();
}

}  // namespace saga_harness
