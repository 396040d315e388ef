#include <saga_harness_internal/journal.hpp>

#include <algorithm>
#include <array>

#include <saga_harness_internal/names.hpp>

namespace saga_harness::wire {
namespace {

constexpr std::array<std::string_view, 6> kDeliveredNames{"waiting", "whole", "cut",
                                                          "closed",  "reset", "gone"};

constexpr std::array<std::string_view, kJournalTextCount> kTextKeys{
    "method", "path", "saga_id", "service", "action", "step", "idempotency_key", "attempt_said", "body"};
// Of a text, so much is kept.
constexpr std::array<std::size_t, kJournalTextCount> kMostBytes{16, 1024, 256, 256, 256, 256, 256, 64, 512};

void write_entry(const JournalEntry& entry, internal::JsonWriter& writer) {
  const auto number = [&writer](std::string_view key, auto value) {
    writer.key(key);
    writer.number(static_cast<std::int64_t>(value));
  };
  const auto text = [&writer](std::string_view key, std::string_view value) {
    writer.key(key);
    if (value.empty()) {
      writer.null();
    } else {
      writer.string(value);
    }
  };
  const JournalNumbers& numbers = entry.numbers;
  writer.begin_object();
  number("id", numbers.id);
  number("at_us", numbers.at);
  number("connection", numbers.connection);
  for (std::size_t i = 0; i < kJournalTextCount; ++i) text(kTextKeys[i], entry.texts[i]);
  number("body_bytes", numbers.body_bytes);
  if (!entry.text(JournalText::kAction).empty()) {
    text("operation", name_of(numbers.operation));
    number("attempt", numbers.attempt);
  }
  text("fault", numbers.fault);
  if (numbers.fault_id != 0) number("fault_id", numbers.fault_id);
  number("status", numbers.status);
  text("delivered", name_of(numbers.delivered));
  writer.end_object();
}

}  // namespace

std::string_view name_of(Delivered delivered) { return internal::name_in(kDeliveredNames, delivered); }

std::uint64_t Journal::add(const JournalEntry& entry) {
  const auto at = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_);
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = ++last_id_;
  if (entry.text(JournalText::kAction).empty()) ++unmatched_;
  if (most_ == 0) {
    oldest_id_ = last_id_ + 1;
    return id;
  }
  if (kept_count() > most_) drop_oldest();
  if ((id - first_id_) % most_ == entries_.size()) entries_.emplace_back();
  Kept& entry_kept = kept(id);
  entry_kept.numbers = entry.numbers;
  entry_kept.numbers.id = id;
  entry_kept.numbers.at = at.count();
  entry_kept.texts.clear();
  for (std::size_t i = 0; i < kJournalTextCount; ++i) {
    const std::string_view text = entry.texts[i].substr(0, kMostBytes[i]);
    entry_kept.lengths[i] = static_cast<std::uint16_t>(text.size());
    entry_kept.texts += text;
  }
  text_bytes_ += entry_kept.texts.size();
  while (text_bytes_ > most_text_bytes_) drop_oldest();
  return id;
}

void Journal::drop_oldest() {
  Kept& oldest = kept(oldest_id_++);
  text_bytes_ -= oldest.texts.size();
  if (text_bytes_ > most_text_bytes_) oldest.texts = std::string();  // its room is wanted, too
}

JournalEntry Journal::entry_of(const Kept& kept) {
  JournalEntry entry{.numbers = kept.numbers};
  std::string_view rest = kept.texts;
  for (std::size_t i = 0; i < kJournalTextCount; ++i) {
    entry.texts[i] = rest.substr(0, kept.lengths[i]);
    rest.remove_prefix(kept.lengths[i]);
  }
  return entry;
}

void Journal::update(std::uint64_t id, Delivered delivered, int status) {
  const std::lock_guard lock(mutex_);
  if (id < oldest_id_ || most_ == 0) return;
  JournalNumbers& numbers = kept(id).numbers;
  if (numbers.is_cleared) return;
  numbers.delivered = delivered;
  numbers.status = static_cast<std::int16_t>(status);
}

// What the entries lie in is kept for the next ones: to give a hundred thousand texts back takes longer than
// all the rest of a reset.
void Journal::clear() {
  const std::lock_guard lock(mutex_);
  first_id_ = oldest_id_ = last_id_ + 1;
  text_bytes_ = 0;
  unmatched_ = 0;
}

// The others keep their ids.
void Journal::clear(std::string_view saga_id) {
  const std::lock_guard lock(mutex_);
  for (std::uint64_t id = oldest_id_; id <= last_id_; ++id) {
    Kept& each = kept(id);
    const JournalEntry entry = entry_of(each);
    if (each.numbers.is_cleared || entry.text(JournalText::kSagaId) != saga_id) continue;
    if (entry.text(JournalText::kAction).empty()) --unmatched_;
    text_bytes_ -= each.texts.size();
    each = {.numbers = {.id = id, .is_cleared = true}};
  }
}

bool Journal::fits(const JournalEntry& entry, const JournalQuery& query) {
  if (entry.numbers.is_cleared) return false;
  if (query.unmatched_only && !entry.text(JournalText::kAction).empty()) return false;
  return (query.saga_id.empty() || entry.text(JournalText::kSagaId) == query.saga_id) &&
         (query.service.empty() || entry.text(JournalText::kService) == query.service) &&
         (query.action.empty() || entry.text(JournalText::kAction) == query.action);
}

// Oldest first, as long as `visitor` says true.
template <class Visitor>
void Journal::each(std::uint64_t since, Visitor visitor) const {
  if (since >= last_id_) return;
  for (std::uint64_t id = std::max(oldest_id_, since + 1); id <= last_id_; ++id) {
    if (!visitor(entry_of(entries_[(id - first_id_) % most_]))) return;
  }
}

Journal::Counts Journal::count_locked(const JournalQuery& query) const {
  Counts counts{.unmatched = unmatched_,
                .dropped = last_id_ - (first_id_ - 1) - kept_count(),
                .total = last_id_ - (first_id_ - 1)};
  each(query.since.value_or(0), [&](const JournalEntry& entry) {
    counts.matching += fits(entry, query) ? 1 : 0;
    return true;
  });
  return counts;
}

Journal::Counts Journal::count(const JournalQuery& query) const {
  const std::lock_guard lock(mutex_);
  return count_locked(query);
}

std::uint64_t Journal::last_id() const {
  const std::lock_guard lock(mutex_);
  return last_id_;
}

bool Journal::is_whole_after(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  return oldest_id_ <= id + 1;
}

std::string Journal::to_json(const JournalQuery& query) const {
  std::string out;
  internal::JsonWriter writer(out);
  const std::lock_guard lock(mutex_);
  const Counts counts = count_locked(query);
  std::uint64_t skipped =
      query.since || query.limit == 0 ? 0 : counts.matching - std::min(counts.matching, query.limit);
  std::uint64_t left = query.limit == 0 ? counts.matching : query.limit;
  std::uint64_t next = query.since.value_or(0);
  writer.begin_object();
  writer.key("entries");
  writer.begin_array();
  each(query.since.value_or(0), [&](const JournalEntry& entry) {
    if (left == 0) return false;
    next = entry.numbers.id;
    if (!fits(entry, query)) return true;
    if (skipped > 0) {
      --skipped;
      return true;
    }
    --left;
    write_entry(entry, writer);
    return true;
  });
  writer.end_array();
  writer.key("total");
  writer.number(static_cast<std::int64_t>(counts.total));
  writer.key("dropped");
  writer.number(static_cast<std::int64_t>(counts.dropped));
  writer.key("next");
  writer.number(static_cast<std::int64_t>(next));
  writer.end_object();
  return out;
}

}  // namespace saga_harness::wire
