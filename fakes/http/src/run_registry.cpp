#include "run_registry.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::http {
namespace {

using internal::in_quotes;

constexpr std::string_view kDefaultSaga = "default";
constexpr std::size_t kMostRemembered = 100'000;
constexpr std::size_t kMostGuests = 10'000;
constexpr std::size_t kMostStrays = 1'000;
constexpr std::uint32_t kSharedListener = 0xFFFFFFFFU;

}  // namespace

std::string error_json(std::string_view message) {
  std::string body = "{\"error\":";
  internal::append_json_string(body, message);
  return body += '}';
}

std::string saga_prefix(std::string_view saga_id) {
  std::string prefix = "/~";
  for (const char c : saga_id) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.';
    prefix += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return prefix;
}

RunRegistry::RunRegistry(Scenario scenario, HttpFakesOptions options)
    : journal(options.max_journal),
      options_(std::move(options)),
      server_({.max_payload = options_.max_payload, .max_connections = options_.max_connections}),
      served_(std::make_shared<const ServedScenario>(std::move(scenario))) {
  if (!is_loopback(options_.bind) && options_.token.empty()) {
    throw Error("the fakes are to listen on " + in_quotes(options_.bind) +
                ", where others can reach them: give a token, or bind to 127.0.0.1");
  }
}

std::shared_ptr<const ServedScenario> RunRegistry::served() const {
  const std::shared_lock lock(mutex_);
  return served_;
}

void RunRegistry::listen(const ServedScenario& served, std::vector<int>& ports) {
  const bool is_shared = served.scenario.http.one_port;
  ports.resize(is_shared ? 1 : served.routes.services().size(), 0);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const auto number = is_shared ? kSharedListener : static_cast<std::uint32_t>(i);
    ports[i] = server_.listen(options_.bind, ports[i], number, *this);
  }
}

void RunRegistry::start() {
  std::vector<int> ports;
  std::shared_ptr<const ServedScenario> served;
  {
    const std::unique_lock lock(mutex_);
    if (std::exchange(is_started_, true)) return;
    ports = ports_;
    served = served_;
  }
  try {
    listen(*served, ports);
  } catch (...) {
    server_.stop();
    const std::unique_lock lock(mutex_);
    is_started_ = false;
    throw;
  }
  {
    const std::unique_lock lock(mutex_);
    ports_ = std::move(ports);
  }
  refuse_again();
}

void RunRegistry::stop() {
  server_.stop();
  const std::unique_lock lock(mutex_);
  is_started_ = false;
}

void RunRegistry::load(Scenario scenario) {
  const auto next = std::make_shared<const ServedScenario>(std::move(scenario));
  const std::lock_guard loading(loading_);
  const std::shared_ptr<const ServedScenario> before = served();
  std::vector<int> old_ports;
  {
    const std::shared_lock lock(mutex_);
    old_ports = ports_;
  }
  std::vector<int> ports;  // what keeps its name keeps its port
  const std::vector<std::string>& old_names = before->routes.services();
  for (const std::string& service : next->routes.services()) {
    const auto found = std::ranges::find(old_names, service);
    const auto place = static_cast<std::size_t>(found - old_names.begin());
    ports.push_back(place < old_ports.size() && found != old_names.end() ? old_ports[place] : 0);
  }
  if (next->scenario.http.one_port || before->scenario.http.one_port) ports.assign(1, 0);
  server_.stop();
  Runs old_runs = change_scenario(next, {});  // no request of the new stage may find them
  try {
    listen(*next, ports);
  } catch (...) {
    server_.stop();
    static_cast<void>(change_scenario(before, std::move(old_runs)));
    listen(*before, old_ports);
    refuse_again();
    throw;
  }
  for (const auto& [saga_id, run] : old_runs) run->drop();
  faults.remove(std::nullopt);
  journal.clear();
  const std::unique_lock lock(mutex_);
  std::erase_if(guests_, [this](const std::string& guest) { return !runs_.contains(guest); });
  closed_.clear();
  closed_in_order_.clear();
  forgotten_runs_ = 0;
  ports_ = std::move(ports);
}

RunRegistry::Runs RunRegistry::change_scenario(std::shared_ptr<const ServedScenario> served, Runs runs) {
  const std::unique_lock lock(mutex_);
  served_ = std::move(served);
  return std::exchange(runs_, std::move(runs));
}

// Who starts to listen anew accepts connections, whatever was asked for before.
void RunRegistry::refuse_again() {
  const std::shared_ptr<const ServedScenario> now = served();
  const std::vector<std::string>& services = now->routes.services();
  for (const AdminFault& fault : faults.all()) {
    if (fault.wire != WireKind::kRefused) continue;
    const auto place = std::ranges::find(services, fault.service) - services.begin();
    server_.refuse_connections(static_cast<std::uint32_t>(place), true);
  }
}

bool RunRegistry::choose_step(const ServedScenario& served, const Match& match, const RequestSummary& facts,
                              OperationId& operation) {
  const std::vector<OperationId>& candidates = match.endpoint->operations;
  operation = candidates.front();
  if (candidates.size() == 1) return true;
  const auto found = std::ranges::find(candidates, facts.step, [&served](OperationId id) {
    return std::string_view(served.saga->step(id.step).name);
  });
  if (found != candidates.end()) operation = *found;
  return found != candidates.end();
}

void RunRegistry::note_stray(const RoutedRequest& routed, int status, std::string_view problem) {
  const std::lock_guard lock(strays_mutex_);
  if (status == 410) {
    const bool has_room = strays_.late.size() < kMostStrays || strays_.late.contains(routed.facts.saga_id);
    if (has_room) ++strays_.late[routed.facts.saga_id];
    return;
  }
  if (strays_.unmatched++ == 0) strays_.first_unmatched = problem;
}

HttpStrays RunRegistry::strays() const {
  const std::shared_lock lock(mutex_);
  const std::lock_guard strays_lock(strays_mutex_);
  HttpStrays strays = strays_;
  const auto count = static_cast<std::ptrdiff_t>(std::min(guests_.size(), kMostStrays));
  strays.unknown.assign(guests_.begin(), guests_.begin() + count);
  return strays;
}

void RunRegistry::turn_away(const RoutedRequest& routed, int status, std::string_view problem) {
  note_stray(routed, status, problem);
  JournalEntry entry = journal_entry(routed, routed.facts);
  entry.texts[static_cast<std::size_t>(JournalText::kAction)] = {};
  entry.numbers.status = static_cast<std::int16_t>(status);
  entry.numbers.delivered = Delivered::kWhole;
  journal.add(entry);
  routed.exchange.reply({.status = status, .body = error_json(problem)});
}

void RunRegistry::handle(const WireRequest& request, WireExchange& exchange) {
  const std::shared_ptr<const ServedScenario> served = this->served();
  const int service = request.listener == kSharedListener ? -1 : static_cast<int>(request.listener);
  const Match match = served->routes.find(request, service);
  RequestSummary facts = served->routes.facts_of(request, match);
  if (facts.saga_id.empty()) facts.saga_id = kDefaultSaga;
  RoutedRequest routed{.request = request,
                       .endpoint = match.endpoint,
                       .facts = facts,
                       .exchange = exchange,
                       .journal = journal,
                       .faults = faults};
  const RunPtr run = find_or_open(*served, facts.saga_id);
  if (run == nullptr) {
    static_cast<void>(exchange.wait(kBrake));
    return turn_away(routed, 410, "the run of this saga is over");
  }
  if (match.endpoint == nullptr) {
    run->note_unmatched();
    return turn_away(routed, 404, match.problem);
  }
  if (!choose_step(*served, match, facts, routed.operation)) {
    run->note_unmatched();
    const std::string said =
        facts.step.empty() ? "none" : in_quotes(facts.step) + ", which is not one of them";
    return turn_away(routed, 400,
                     fmt::format("several steps ask for {} of {}, and the request says {}: name its step in "
                                 "X-Saga-Step, or where \"http\"/\"step\" of the scenario says",
                                 match.endpoint->action, match.endpoint->service, said));
  }
  run->serve(routed);
}

RunPtr RunRegistry::find(std::string_view saga_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = runs_.find(saga_id);
  return found == runs_.end() ? nullptr : found->second;
}

RunPtr RunRegistry::find_or_throw(std::string_view saga_id) const {
  if (auto run = find(saga_id)) return run;
  throw Error("there is no run of saga id " + in_quotes(saga_id) + ": open it, or send it a request");
}

RunPtr RunRegistry::find_or_open(const ServedScenario& served, const std::string& saga_id) {
  if (auto run = find(saga_id)) return run;
  const std::unique_lock lock(mutex_);
  if (&served != served_.get() || closed_.contains(saga_id)) return nullptr;
  const auto [entry, is_new] = runs_.try_emplace(saga_id);
  if (!is_new) return entry->second;
  auto run = std::make_shared<WireRun>(served_, saga_id, HttpRunOptions{}, true);
  entry->second = run;
  guests_.push_back(saga_id);
  if (guests_.size() > kMostGuests) forget_oldest_guest();
  return run;
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

void RunRegistry::open(std::string_view saga_id, HttpRunOptions options) {
  if (saga_id.empty()) throw Error("the saga id is empty: give the run one");
  auto run = std::make_shared<WireRun>(served(), std::string(saga_id), std::move(options), false);
  const std::unique_lock lock(mutex_);
  if (runs_.contains(saga_id)) {
    throw Error("there is a run of saga id " + in_quotes(saga_id) +
                " already: close it, or choose another id");
  }
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

HttpRun RunRegistry::close(std::string_view saga_id) {
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
    accept_again(faults.remove_of_saga(*saga_id));
    journal.clear(*saga_id);
  } else {
    remove_faults(std::nullopt);
    journal.clear();
  }
}

std::vector<std::uint64_t> RunRegistry::add_faults(std::vector<AdminFault> added) {
  const std::shared_ptr<const ServedScenario> now = served();
  std::vector<std::uint32_t> refusing;
  const std::vector<std::string>& services = now->routes.services();
  for (const AdminFault& fault : added) {
    if (fault.wire != WireKind::kRefused) continue;
    refusing.push_back(
        static_cast<std::uint32_t>(std::ranges::find(services, fault.service) - services.begin()));
  }
  std::vector<std::uint64_t> ids = faults.add(std::move(added));
  for (const std::uint32_t listener : refusing) server_.refuse_connections(listener, true);
  return ids;
}

void RunRegistry::accept_again(const std::vector<AdminFault>& removed) {
  const std::shared_ptr<const ServedScenario> now = served();
  const std::vector<std::string>& services = now->routes.services();
  for (const AdminFault& fault : removed) {
    if (fault.wire != WireKind::kRefused) continue;
    const std::vector<AdminFault> left = faults.all();
    const bool is_refused_still = std::ranges::any_of(left, [&fault](const AdminFault& other) {
      return other.wire == WireKind::kRefused && other.service == fault.service;
    });
    const auto place =
        static_cast<std::uint32_t>(std::ranges::find(services, fault.service) - services.begin());
    if (!is_refused_still) server_.refuse_connections(place, false);
  }
}

std::size_t RunRegistry::remove_faults(std::optional<std::uint64_t> id) {
  const std::vector<AdminFault> removed = faults.remove(id);
  accept_again(removed);
  return removed.size();
}

void RunRegistry::heal() {
  remove_faults(std::nullopt);
  for (const RunPtr& run : runs()) run->heal();
}

Urls RunRegistry::urls(std::string_view prefix) const {
  const std::shared_lock lock(mutex_);
  Urls urls;
  const std::vector<std::string>& services = served_->routes.services();
  const bool is_shared = served_->scenario.http.one_port;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const std::size_t place = is_shared ? 0 : i;
    urls[services[i]] =
        fmt::format("http://{}:{}{}{}", url_host(options_.bind), place < ports_.size() ? ports_[place] : 0,
                    prefix, is_shared ? "/" + services[i] : "");
  }
  return urls;
}

}  // namespace saga_harness::http
