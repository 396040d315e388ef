#include "processes.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness::blackbox {
namespace {

constexpr auto kReadyInterval = std::chrono::milliseconds(10);

bool mentions(const CommandTemplate& command, std::string_view name) {
  bool found = false;
  const auto look = [&](const Placeholder& placeholder) { found = found || placeholder.name == name; };
  for (const std::string& argument : command.argv) for_each_placeholder(argument, look);
  for (const auto& [variable, value] : command.environment) for_each_placeholder(value, look);
  return found;
}

int free_port() {
  const OwnedFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), raw, size) != 0 || ::getsockname(socket.get(), raw, &size) != 0)
    throw Error(ErrorText{.message = "there is no free port for the target"}, ErrorKind::kInternal);
  return ntohs(address.sin_port);
}

/// Does each have an address and a memory of its own?
bool may_be_several(const Target& target) {
  if (!target.process || target.isolation != Isolation::kShared) return false;
  const CommandTemplate& command = target.process->command;
  const bool has_address = target.process->ready_url.empty() || mentions(command, "port");
  return has_address && mentions(command, "scratch");
}

/// Does somebody answer at `http://HOST:PORT`, or take a request and leave it at that? A connection that
/// breaks is nobody: it may be one of our own port to itself.
bool answers_at(const std::string& url) {
  constexpr auto kPatience = std::chrono::seconds(1);
  Waiting waiting(Clock::now() + kPatience);
  const HttpAnswer answer = http::HttpClient::send_once({.method = "HEAD", .url = url + "/"}, waiting);
  return answer.failure == HttpFailure::kNone || answer.failure == HttpFailure::kTimeIsUp;
}

/// `http://HOST:PORT` wherever it stands in the whole lines of `text`.
std::string url_in(std::string_view text) {
  text = text.substr(0, text.rfind('\n') + 1);
  const std::size_t begin = text.find("http://");
  if (begin == std::string_view::npos) return {};
  std::string url(text.substr(begin, text.find_first_of(" \t\r\n\"'<>,;)]}", begin) - begin));
  while (url.ends_with('/') || url.ends_with('.')) url.pop_back();
  return url;
}

}  // namespace

void Addresses::add(const std::string& url) {
  const std::lock_guard lock(mutex_);
  urls_.insert(url);
  changed_.notify_all();
}

void Addresses::remove(const std::string& url) {
  const std::lock_guard lock(mutex_);
  if (const auto found = urls_.find(url); found != urls_.end()) urls_.erase(found);
}

bool Addresses::has(const std::string& url) {
  constexpr auto kPatience = std::chrono::seconds(1);
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return urls_.contains(url); });
}

Command Instance::command(const CommandTemplate& command, const TemplateValues& values) const {
  Command result{.folder = command.folder, .scratch = scratch_ ? &*scratch_ : nullptr};
  for (const std::string& argument : command.argv) result.argv.push_back(fill(argument, values));
  for (const auto& [name, value] : command.environment) result.environment.emplace(name, fill(value, values));
  return result;
}

HttpRequest filled(const RequestTemplate& request, const TemplateValues& values) {
  HttpRequest result{.method = request.method, .url = fill(request.url, values)};
  for (const auto& [name, value] : request.headers) result.headers.emplace_back(name, fill(value, values));
  result.body = request.is_json ? fill_json(request.body, values) : fill(request.body, values);
  if (request.is_json) result.headers.emplace_back("Content-Type", "application/json");
  return result;
}

Instance::Instance(const Target& target, TemplateValues values, Addresses& addresses)
    : target_(target), values_(std::move(values)), addresses_(addresses) {
  const auto wants_scratch = [](const auto& command) { return command && mentions(*command, "scratch"); };
  const bool wanted = wants_scratch(target.start_command) || wants_scratch(target.resume_command) ||
                      (target.process && mentions(target.process->command, "scratch"));
  if (wanted) values_.texts["scratch"] = scratch_.emplace().path();
}

Instance::~Instance() { kill(); }

void Instance::start() {
  if (!target_.process) return;
  constexpr int kMostTries = 3;
  const bool has_port = mentions(target_.process->command, "port");
  for (int tries = 1;; ++tries) {
    if (has_port) values_.texts["port"] = std::to_string(free_port());
    try {
      start_once();
      return;
    } catch (const Error&) {
      const bool may_have_lost_port = has_port && !obituary().empty();
      if (!may_have_lost_port || tries == kMostTries) throw;
    }
  }
}

void Instance::start_once() {
  leave_address();
  auto child = std::make_shared<ChildProcess>(command(target_.process->command, values_));
  {
    const std::lock_guard lock(mutex_);
    child_ = child;
  }
  wait_until_ready(*child);
  const std::lock_guard lock(mutex_);
  listed_at_ = url();
  if (!listed_at_.empty()) addresses_.add(listed_at_);
}

std::string Instance::url() const {
  const auto found = values_.texts.find("target");
  return found == values_.texts.end() ? std::string() : found->second;
}

void Instance::leave_address() {
  const std::lock_guard lock(mutex_);
  if (!listed_at_.empty()) addresses_.remove(std::exchange(listed_at_, {}));
}

void Instance::wait_until_ready(ChildProcess& child) {
  const ProcessTemplate& process = *target_.process;
  const Moment until = Clock::now() + process.ready_within;
  // Said by a URL that it is ready, it is reached there; else where it says.
  if (!process.ready_url.empty()) {
    const std::string url = fill(process.ready_url, values_);
    values_.texts["target"] = url.substr(0, url.find('/', std::string_view("http://").size()));
  }
  while (!is_ready(child, until)) {
    if (child.has_ended()) {
      throw Error(ErrorText{.source = target_.source,
                            .message = fmt::format("the target's process {} before it was ready{}",
                                                   child.how_it_ended(), last_words())});
    }
    if (Clock::now() >= until) {
      const std::string what = process.ready_url.empty()
                                   ? "wrote no URL to stdout"
                                   : "did not answer at " + fill(process.ready_url, values_);
      child.kill();
      throw Error(ErrorText{.source = target_.source,
                            .message = fmt::format("the target's process {} within {}{}", what,
                                                   format_duration(process.ready_within), last_words())});
    }
  }
}

bool Instance::is_ready(ChildProcess& child, Moment until) {
  const Moment next = std::min(until, Clock::now() + kReadyInterval);
  Waiting waiting(until);
  if (target_.process->ready_url.empty()) {
    if (std::string url = url_in(child.out()); !url.empty()) {
      values_.texts["target"] = std::move(url);
      return true;
    }
  } else {
    const HttpAnswer answer =
        http::HttpClient::send_once({.url = fill(target_.process->ready_url, values_)}, waiting);
    constexpr int kServerError = 500;
    if (answer.failure == HttpFailure::kNone && answer.status < kServerError) return true;
  }
  static_cast<void>(waiting.wait(child.end_fd(), POLLIN, next));
  return false;
}

std::shared_ptr<ChildProcess> Instance::child() {
  const std::lock_guard lock(mutex_);
  return child_;
}

void Instance::kill() {
  leave_address();
  const auto process = child();
  if (!process || process->kill()) return;
  const std::lock_guard lock(mutex_);
  some_is_left_ = true;
}

void Instance::expect_dead() {
  {
    const std::lock_guard lock(mutex_);
    if (some_is_left_)
      throw Error(ErrorText{.source = target_.source,
                            .message = "the target was killed, but not all of its processes have ended"},
                  ErrorKind::kInternal);
  }
  const std::string where = url();
  if (where.empty() || !answers_at(where) || addresses_.has(where)) return;
  throw Error(
      ErrorText{.source = target_.source,
                .message = fmt::format("the target was killed with all that it had started, and yet somebody "
                                       "answers at {}: its crashes are none",
                                       where),
                .fix = "let the command itself, or a child of it, be the server"},
      ErrorKind::kInternal);
}

std::string Instance::last_words() {
  const auto process = child();
  const std::string words = process ? process->last_lines_of_errors() : std::string();
  return words.empty() ? words : "; it wrote to stderr:\n" + words;
}

std::string Instance::obituary(std::chrono::milliseconds patience) {
  const auto process = child();
  if (process && !process->has_ended() && process->end_fd() >= 0) {
    pollfd end{.fd = process->end_fd(), .events = POLLIN, .revents = 0};
    ::poll(&end, 1, static_cast<int>(patience.count()));
  }
  return process && process->has_ended() ? process->how_it_ended() : std::string();
}

Processes::Processes(const Target& target, TemplateValues values, int most_own)
    : target_(target), values_(std::move(values)), most_own_(may_be_several(target) ? most_own : 0) {
  if (target.isolation != Isolation::kFresh) shared_ = make();
}

std::shared_ptr<Instance> Processes::make() {
  auto instance = std::make_shared<Instance>(target_, values_, addresses_);
  instance->start();
  return instance;
}

std::unique_ptr<Processes::Lease> Processes::take(bool alone) {
  if (target_.isolation == Isolation::kFresh)
    return std::make_unique<Lease>(*this, make(), Lease::Sharing::kAlone);
  if (alone && most_own_ > 0) return take_own();
  const bool is_alone = alone || target_.isolation == Isolation::kAlone;
  std::unique_lock lock(mutex_);
  waiting_alone_ += is_alone ? 1 : 0;
  changed_.wait(lock, [&] {
    if (is_alone || spoiled_) return users_ == 0;
    return !has_alone_ && waiting_alone_ == 0;
  });
  waiting_alone_ -= is_alone ? 1 : 0;
  if (spoiled_) {
    shared_.reset();
    shared_ = make();
    spoiled_ = false;
  }
  ++users_;
  has_alone_ = is_alone;
  return std::make_unique<Lease>(*this, shared_, is_alone ? Lease::Sharing::kAlone : Lease::Sharing::kShared);
}

std::unique_ptr<Processes::Lease> Processes::take_own() {
  std::shared_ptr<Instance> instance;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return own_in_use_ < most_own_; });
    ++own_in_use_;
    if (!own_.empty()) {
      instance = std::move(own_.back());
      own_.pop_back();
    }
  }
  auto lease = std::make_unique<Lease>(*this, std::move(instance), Lease::Sharing::kOwn);
  if (!lease->instance_) lease->instance_ = make();
  return lease;
}

void Processes::give_back(const Lease& lease) {
  if (target_.isolation == Isolation::kFresh) return;
  if (lease.sharing_ == Lease::Sharing::kOwn) return give_back_own(lease);
  const std::lock_guard lock(mutex_);
  --users_;
  if (lease.sharing_ == Lease::Sharing::kAlone) has_alone_ = false;
  spoiled_ = spoiled_ || (lease.spoiled_ && target_.process.has_value());
  changed_.notify_all();
}

void Processes::give_back_own(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  --own_in_use_;
  if (lease.instance_ && !lease.spoiled_) own_.push_back(lease.instance_);
  changed_.notify_all();
}

}  // namespace saga_harness::blackbox
