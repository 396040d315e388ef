#include <saga_harness_internal/run_registry.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::wire {
namespace {

using internal::in_quotes;

constexpr std::string_view kDefaultSaga = "default";
constexpr std::size_t kMostRemembered = 100'000;
constexpr std::size_t kMostGuests = 10'000;
constexpr std::size_t kMostGuestBytes = 256U << 20U;  // of what their runs keep
constexpr std::size_t kMostOpened = 10'000;
constexpr std::size_t kMostStrays = 1'000;

}  // namespace

std::string error_json(std::string_view message) {
  std::string body = "{\"error\":";
  internal::append_json_string(body, message);
  return body += '}';
}

RunRegistry::RunRegistry(Scenario scenario, ObservedRunsOptions options)
    : journal(options.max_journal, options.max_journal_bytes),
      points_(options.points),
      served_(std::make_shared<const ServedScenario>(std::move(scenario), options.points)) {}

std::shared_ptr<const ServedScenario> RunRegistry::served() const {
  const std::shared_lock lock(mutex_);
  return served_;
}

RunRegistry::Runs RunRegistry::replace(std::shared_ptr<const ServedScenario> served, Runs runs) {
  const std::unique_lock lock(mutex_);
  served_ = std::move(served);
  return std::exchange(runs_, std::move(runs));
}

void RunRegistry::forget_earlier(const Runs& ended) {
  for (const auto& [saga_id, run] : ended) run->drop();
  faults.remove(std::nullopt);
  journal.clear();
  const std::unique_lock lock(mutex_);
  std::erase_if(guests_, [this](const std::string& guest) { return !runs_.contains(guest); });
  closed_.clear();
  closed_in_order_.clear();
  forgotten_runs_ = 0;
}

bool RunRegistry::refuse_long_ids(const RoutedRequest& request, Exchange& exchange) {
  RequestSummary& facts = request.facts;
  for (const auto& [what, text] : {std::pair<std::string_view, std::string*>{"saga id", &facts.saga_id},
                                   {"idempotency key", &facts.key},
                                   {"correlation id", &facts.correlation_id}}) {
    if (text->size() <= kMostIdBytes) continue;
    const std::string why = "the " + std::string(what) + " has " + std::to_string(text->size()) +
                            " bytes: give it at most " + std::to_string(kMostIdBytes);
    refuse(request, exchange, {Refusal::kIdTooLong, why});
    return true;
  }
  return false;
}

void RunRegistry::serve(const ServedScenario& served, const RoutedRequest& request, Exchange& exchange) {
  if (refuse_long_ids(request, exchange)) return;
  if (const RunPtr run = find_or_open(served, request, exchange))
    run->serve(request, exchange, {.journal = journal, .faults = faults});
}

void RunRegistry::turn_away(const ServedScenario& served, const RoutedRequest& request, Exchange& exchange,
                            const TurnedAway& because) {
  if (refuse_long_ids(request, exchange)) return;
  const RunPtr run = find_or_open(served, request, exchange);
  if (run == nullptr) return;
  run->note_unmatched();
  refuse(request, exchange, because);
}

// nullptr: its run is over, and so it was told.
RunPtr RunRegistry::find_or_open(const ServedScenario& served, const RoutedRequest& request,
                                 Exchange& exchange) {
  std::string& saga_id = request.facts.saga_id;
  if (saga_id.empty()) saga_id = kDefaultSaga;
  RunPtr run = find_or_open(served, saga_id);
  if (run != nullptr) return run;
  static_cast<void>(exchange.hold(kBrake));
  refuse(request, exchange, {Refusal::kRunIsOver, "the run of this saga is over"});
  return nullptr;
}

void RunRegistry::refuse(const RoutedRequest& request, Exchange& exchange, const TurnedAway& because) {
  note_stray(request, because);
  const std::string body = error_json(because.why);
  const Answer answer{.refusal = because.refusal, .body = body};
  JournalEntry entry = journal_entry(request, request.facts);
  entry.texts[static_cast<std::size_t>(JournalText::kAction)] = {};
  entry.numbers.status = static_cast<std::int16_t>(exchange.code_of(answer));
  entry.numbers.delivered = Delivered::kWhole;
  journal.add(entry);
  exchange.answer(answer);
}

void RunRegistry::note_stray(const RoutedRequest& request, const TurnedAway& because) {
  const std::lock_guard lock(strays_mutex_);
  const std::string& saga_id = request.facts.saga_id;
  if (because.refusal == Refusal::kRunIsOver) {
    const bool has_room = strays_.late.size() < kMostStrays || strays_.late.contains(saga_id);
    if (has_room) ++strays_.late[saga_id];
    return;
  }
  if (strays_.unmatched++ == 0) strays_.first_unmatched = because.why;
}

StrayRequests RunRegistry::strays() const {
  const std::shared_lock lock(mutex_);
  const std::lock_guard strays_lock(strays_mutex_);
  StrayRequests strays = strays_;
  const auto count = static_cast<std::ptrdiff_t>(std::min(guests_.size(), kMostStrays));
  strays.unknown.assign(guests_.begin(), guests_.begin() + count);
  return strays;
}

RunPtr RunRegistry::find(std::string_view saga_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = runs_.find(saga_id);
  return found == runs_.end() ? nullptr : found->second;
}

RunPtr RunRegistry::find_or_throw(std::string_view saga_id) const {
  if (auto run = find(saga_id)) return run;
  throw Error(ErrorText{.message = "there is no run of saga id " + in_quotes(saga_id),
                        .fix = "open it, or send it a request"});
}

RunPtr RunRegistry::find_or_open(const ServedScenario& served, const std::string& saga_id) {
  if (auto run = find(saga_id)) return run;
  const std::unique_lock lock(mutex_);
  if (&served != served_.get() || closed_.contains(saga_id)) return nullptr;
  const auto [entry, is_new] = runs_.try_emplace(saga_id);
  if (!is_new) return entry->second;
  auto run = std::make_shared<SagaRun>(served_, saga_id, ObservedRunOptions{}, true, journal.last_id());
  entry->second = run;
  guests_.push_back(saga_id);
  if (guests_.size() > kMostGuests) forget_oldest_guest();
  if (++guests_since_weighed_ >= kMostGuests / 100) forget_heavy_guests();
  return run;
}

void RunRegistry::forget_heavy_guests() {
  guests_since_weighed_ = 0;
  std::size_t bytes = 0;
  for (const std::string& guest : guests_) {
    const auto found = runs_.find(guest);
    if (found != runs_.end()) bytes += found->second->kept_bytes();
  }
  while (bytes > kMostGuestBytes && guests_.size() > 1) {
    const auto oldest = runs_.find(guests_.front());
    if (oldest != runs_.end()) bytes -= std::min(bytes, oldest->second->kept_bytes());
    forget_oldest_guest();
  }
}

void RunRegistry::forget_oldest_guest() {
  const auto oldest = runs_.find(guests_.front());
  if (oldest != runs_.end() && oldest->second->is_open_ended()) {
    runs_.erase(oldest);
    ++forgotten_runs_;
  }
  guests_.pop_front();
}

std::uint64_t RunRegistry::forgotten_runs() const {
  const std::shared_lock lock(mutex_);
  return forgotten_runs_;
}

void RunRegistry::open(std::string_view saga_id, ObservedRunOptions options) {
  if (saga_id.empty()) throw Error(ErrorText{.message = "the saga id is empty", .fix = "give the run one"});
  if (saga_id.size() > kMostIdBytes)
    throw Error(ErrorText{.message = "the saga id has " + std::to_string(saga_id.size()) + " bytes",
                          .fix = "give it at most " + std::to_string(kMostIdBytes)});
  auto run =
      std::make_shared<SagaRun>(served(), std::string(saga_id), std::move(options), false, journal.last_id());
  const std::unique_lock lock(mutex_);
  if (runs_.contains(saga_id)) {
    throw Error(ErrorText{.message = "there is a run of saga id " + in_quotes(saga_id) + " already",
                          .fix = "close it, or choose another id"});
  }
  if (runs_.size() - guests_.size() >= kMostOpened)
    throw Error(ErrorText{.message = "there are " + std::to_string(kMostOpened) + " runs that were opened",
                          .fix = "close some"});
  if (closed_.erase(std::string(saga_id)) != 0) std::erase(closed_in_order_, std::string(saga_id));
  runs_.emplace(std::string(saga_id), std::move(run));
}

void RunRegistry::remember_closed(const std::string& saga_id) {
  if (!closed_.insert(saga_id).second) return;
  closed_in_order_.push_back(saga_id);
  if (closed_in_order_.size() <= kMostRemembered) return;
  closed_.erase(closed_in_order_.front());
  closed_in_order_.pop_front();
}

ObservedRun RunRegistry::close(std::string_view saga_id) {
  const RunPtr run = find_or_throw(saga_id);
  {
    const std::unique_lock lock(mutex_);
    runs_.erase(run->saga_id());
    remember_closed(run->saga_id());
  }
  return run->close();
}

std::vector<RunPtr> RunRegistry::runs() const {
  std::vector<RunPtr> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [saga_id, run] : runs_) all.push_back(run);
  }
  std::ranges::sort(all, {}, [](const RunPtr& run) { return std::string_view(run->saga_id()); });
  return all;
}

void RunRegistry::reset(std::optional<std::string_view> saga_id) {
  std::vector<RunPtr> ended;
  {
    const std::unique_lock lock(mutex_);
    for (auto at = runs_.begin(); at != runs_.end();) {
      const bool is_meant = !saga_id || at->first == *saga_id;
      if (is_meant) ended.push_back(std::move(at->second));
      at = is_meant ? runs_.erase(at) : std::next(at);
    }
    if (!saga_id) {
      guests_.clear();
      closed_.clear();
      closed_in_order_.clear();
      forgotten_runs_ = 0;
    } else {
      std::erase(guests_, *saga_id);
      if (closed_.erase(std::string(*saga_id)) != 0) std::erase(closed_in_order_, std::string(*saga_id));
    }
  }
  for (const RunPtr& run : ended) run->drop();
  if (saga_id) {
    journal.clear(*saga_id);
  } else {
    journal.clear();
  }
}

}  // namespace saga_harness::wire
