#include "stored_log.hpp"

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness {

void StoredLog::begin() {
  fences_ = store_->fences();
  count_ = 0;
  known_version_.fill(0);
}

void StoredLog::create(StoredHead head) {
  begin();
  const std::string saga_id = head.saga_id;
  do {
    head.saga_id = fmt::format("{}~{}", saga_id, ++runs_);
  } while (!store_->create(head));
  name_ = head.saga_id;
}

bool StoredLog::create_or_take_up(StoredHead head) {
  begin();
  name_ = head.saga_id;
  return store_->create(head);
}

LogWrite StoredLog::append(std::uint32_t incarnation, const LogRecord& record) {
  const LogWrite write = store_->append(name_, known_version_[incarnation], record_text(record));
  if (write != LogWrite::kDurable) return write;
  ++known_version_[incarnation];
  ++count_;
  return write;
}

void StoredLog::append_torn(std::uint32_t incarnation, const LogRecord& record) {
  const std::string whole = record_text(record);
  const std::string_view torn = std::string_view(whole).substr(0, whole.size() / 2);
  if (store_->append(name_, known_version_[incarnation], torn) == LogWrite::kDurable) ++count_;
}

StoredSaga StoredLog::load() {
  std::optional<StoredSaga> stored = store_->load(name_);
  if (!stored)
    throw Error(
        ErrorText{.message = fmt::format("the {} store has lost the saga {}", store_->name(), name_)});
  count_ = stored->records.size();
  return std::move(*stored);
}

}  // namespace saga_harness
