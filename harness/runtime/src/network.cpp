// Calls and messages: how a request gets to a participant, and its reply back.

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine_impl.hpp"

namespace saga_harness {
namespace {

constexpr std::string_view kForeignBody = R"({"ok":true})";
constexpr std::string_view kForeignCorrelationId = "somebody-else";

}  // namespace

const OperationInfo& Engine::Impl::find_operation(const Request& request) {
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(request.action.data()));
  Found& found = found_[(address * 0x9E3779B97F4A7C15U) >> 58U];
  if (found.action == request.action.data()) {
    const OperationInfo& info = infos_[found.info];
    const Delivery& known = info.delivery;
    if (same_text(known.action, request.action) && same_text(known.service, request.service) &&
        (request.step.empty() ? info.is_alone : same_text(known.step, request.step))) {
      return info;
    }
  }
  const OperationInfo& info = look_up_operation(request);
  found = {request.action.data(), static_cast<std::uint16_t>(&info - infos_.data())};
  return info;
}

const OperationInfo& Engine::Impl::look_up_operation(const Request& request) {
  const std::uint32_t action = texts_.intern(request.action);
  const std::uint32_t service = texts_.intern(request.service);
  std::uint16_t found = 0;
  for (std::uint16_t at = action < first_by_action_.size() ? first_by_action_[action] : 0; at != 0;
       at = infos_[at - 1U].next) {
    const OperationInfo& info = infos_[at - 1U];
    if (info.service != service) continue;
    if (!request.step.empty() && !same_text(info.delivery.step, request.step)) continue;
    if (found != 0) {
      misuse(fmt::format("steps \"{}\" and \"{}\" both use {} of {}: say which one in Request::step",
                         info.delivery.step, infos_[found - 1U].delivery.step, request.action,
                         request.service));
    }
    found = at;
  }
  if (found == 0) misuse_of_unknown_operation(request);
  return infos_[found - 1U];
}

void Engine::Impl::misuse_of_unknown_operation(const Request& request) {
  std::vector<std::string> known;
  for (const OperationInfo& info : infos_) {
    if (!info.delivery.action.empty())
      known.push_back(fmt::format("{} of {}", info.delivery.action, info.delivery.service));
  }
  if (const std::vector<OperationId> others = saga_.find_operations(request.service, request.action);
      !others.empty()) {
    misuse(fmt::format("the coordinator calls {} of {} for step \"{}\", but that belongs to step \"{}\"",
                       request.action, request.service, request.step, saga_.step(others.front().step).name));
  }
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string wanted = fmt::format("{} of {}", request.action, request.service);
  const std::string_view nearest = nearest_name(wanted, candidates);
  misuse(fmt::format("the coordinator calls {}{}, which saga \"{}\" does not declare{}", wanted,
                     request.step.empty() ? "" : fmt::format(" for step {}", request.step), saga_.saga().name,
                     nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
}

Pending Engine::Impl::start(std::uint32_t incarnation, const Request& request) {
  enter(incarnation);
  const OperationInfo& info = find_operation(request);
  const OperationId id = info.delivery.operation;
  const auto index = static_cast<std::uint32_t>(index_of(id.step, id.operation));
  if (calls_.size() > call_bound_) give_up("the bound on calls");
  if (++calls_without_progress_ > livelock_bound_) {
    give_up("a livelock: call after call, and neither a ledger nor the log changes");
  }
  const std::int64_t given = checked(request.timeout, "Request::timeout");
  const std::int64_t timeout = given > 0 ? given : info.timeout;
  offer_crash_before({id.step, id.operation, Instant::kBeforeCall, reached(index, Instant::kBeforeCall)});

  const auto number = static_cast<std::uint32_t>(calls_.size());
  Call& call = calls_.emplace_back();
  call.operation = id;
  call.info = index;
  call.key = texts_.intern(request.idempotency_key);
  call.correlation_id = number_of(request.correlation_id, saga_text_);
  call.auth_token = number_of(request.auth_token, token_text_);
  call.payload =
      request.payload.empty() ? std::string_view(setup_.context.text()) : memory_.copy(request.payload);
  call.latency = latency_of(timeout);
  call.deadline = now_ + timeout;
  call.ends_at = call.deadline;
  call.attempt = ++attempts_[index];
  call.incarnation = static_cast<std::uint8_t>(incarnation_);
  Event& sent = emit(EventType::kSent, number);
  sent.text = call.key;
  if (!request.payload.empty()) payloads_.add(event_count_ - 1, call.payload);
  if (setup_.carries_context) {
    if (call.correlation_id != saga_text_) sent.detail |= kWithoutCorrelation;
    if (call.auth_token != token_text_) sent.detail |= kWithoutToken;
  }
  choose_fault(number, info);
  dispatch(number);
  offered_at_ = -1;
  return Pending(number);
}

void Engine::Impl::choose_fault(std::uint32_t number, const OperationInfo& info) {
  Call& call = calls_[number];
  ActiveWindow& window = windows_[call.info];
  FaultDuration lasting = window.window;
  if (window.active && call.attempt <= window.last_attempt) {
    call.fault = window.kind;
  } else {
    if (healed_) return;
    const OperationId id = info.delivery.operation;
    const std::size_t picked = ask({id.step, id.operation, Instant::kCall, call.attempt}, info.at_call);
    if (picked == 0) return;
    const Alternative& alternative = info.at_call[picked - 1];
    call.fault = alternative.kind;
    lasting = alternative.window;
    const bool is_budget = lasting == FaultDuration::kBudget;
    window = {.active = lasting != FaultDuration::kOnce,
              .kind = alternative.kind,
              .window = lasting,
              .last_attempt = is_budget ? static_cast<std::uint16_t>(call.attempt + info.budget - 1)
                                        : std::numeric_limits<std::uint16_t>::max()};
  }
  call.struck = true;
  Event& fault = emit(EventType::kFault, number);
  fault.detail = static_cast<std::uint8_t>(call.fault);
  fault.text = pack(Instant::kCall, lasting);
}

void Engine::Impl::dispatch(std::uint32_t number) {
  const Call& call = calls_[number];
  const std::int64_t arrival = now_ + call.latency;
  const Fate& fate = call.struck ? fate_of(call.fault) : kNoFault;
  switch (fate.request) {
    case RequestFate::kDelivered:
      queue_.push(arrival, number, MessageKind::kRequest);
      return;
    case RequestFate::kHeld:
      return hold(number, fate.until);
    case RequestFate::kTwice:
      queue_.push(arrival, number, MessageKind::kRequest);
      if (fate.until == HoldUntil::kNothing) {
        queue_.push(arrival, number, MessageKind::kDuplicate);
      } else {
        held_.push_back({number, MessageKind::kDuplicate, fate.until});
      }
      return;
    case RequestFate::kDropped:
    case RequestFate::kNoSubscriber:
      if (fate.answer != AnswerFate::kForeign) return;
      calls_[number].meaning = ReplyStatus::kMismatched;
      calls_[number].reply = {ReplyStatus::kOk, kForeignBody, kForeignCorrelationId};
      queue_.push(arrival + call.latency, number, MessageKind::kReply);
      return;
  }
}

void Engine::Impl::hold(std::uint32_t number, HoldUntil until) {
  const Call& call = calls_[number];
  const std::int64_t in_time = call.deadline - call.latency;  // for its answer to come with the timeout
  const auto push = [&](std::int64_t at) { queue_.push(at, number, MessageKind::kRequest); };
  switch (until) {
    case HoldUntil::kNothing:
      return push(now_ + call.latency);
    case HoldUntil::kAnswerBeforeTimeout:
      return push(in_time - 1);
    case HoldUntil::kAnswerAtTimeout:
      return push(in_time);
    case HoldUntil::kAnswerAfterTimeout:
      return push(in_time + 1);
    case HoldUntil::kAnswerAfterDeadline: {
      const Duration deadline = saga_.saga().deadline.value_or(Duration::zero());
      return push(std::max(now_ + call.latency, started_at_ + deadline.count() + 1 - call.latency));
    }
    case HoldUntil::kTimeout:
      return push(call.deadline + call.latency);
    case HoldUntil::kNextRequest:
    case HoldUntil::kCompensated:
    case HoldUntil::kEnd:
      held_.push_back({number, MessageKind::kRequest, until});
      return;
  }
}

void Engine::Impl::receive(std::uint32_t number) {
  Call& call = calls_[number];
  if (now_ >= call.deadline || ended_[call.incarnation] || call.completed != 0) {
    emit(EventType::kDropped, number);
    return;
  }
  call.ends_at = now_;
  call.completed = ++completed_;
}

void Engine::Impl::pump_until(std::int64_t limit) {
  while (!queue_.empty() && queue_.next_time() < limit) pump_one();
  if (limit != std::numeric_limits<std::int64_t>::max()) now_ = std::max(now_, limit);
}

void Engine::Impl::pump_one() {
  const Message message = queue_.pop();
  now_ = std::max(now_, message.at);
  if (message.kind == MessageKind::kReply) {
    receive(message.call);
  } else {
    deliver(message);
  }
}

Reply Engine::Impl::wait(std::uint32_t incarnation, Pending pending) {
  return wait_any(incarnation, std::span<const Pending>(&pending, 1), Time::max())->reply;
}

std::optional<Runtime::Completion> Engine::Impl::wait_any(std::uint32_t incarnation,
                                                          std::span<const Pending> pending, Time until) {
  enter(incarnation);
  for (const Pending& each : pending) {
    checked(incarnation, each);
    offer_during(each.call_);
  }
  const std::int64_t wake = until == Time::max() ? std::numeric_limits<std::int64_t>::max()
                                                 : until.time_since_epoch().count() - clock_ahead_;
  if (pending.empty() && wake > now_ + kLongestWait) {
    misuse("wait_any() has nothing to wait for: give it a request, or a time within a year");
  }
  for (;;) {
    const Call* first = nullptr;  // to end, by its reply or its deadline
    std::size_t index = 0;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      const Call& call = checked(incarnation, pending[i]);
      if (first != nullptr && call.ends_at > first->ends_at) continue;
      if (first != nullptr && call.ends_at == first->ends_at && call.completed >= first->completed) continue;
      first = &call;
      index = i;
    }
    if (first != nullptr && first->ends_at <= now_)
      return Runtime::Completion{index, complete(pending[index].call_)};
    const std::int64_t limit = first == nullptr ? wake : std::min(wake, first->ends_at);
    if (!queue_.empty() && queue_.next_time() < limit) {
      pump_one();
      continue;
    }
    now_ = std::max(now_, limit);
    if (first == nullptr || first->ends_at > now_) return std::nullopt;
  }
}

const Call& Engine::Impl::checked(std::uint32_t incarnation, Pending pending) {
  if (pending.call_ == 0 || pending.call_ >= calls_.size() ||
      calls_[pending.call_].incarnation != incarnation) {
    misuse(
        "a Pending is being waited for that start() did not return in this incarnation of the coordinator");
  }
  return calls_[pending.call_];
}

Reply Engine::Impl::complete(std::uint32_t number) {
  Call& call = calls_[number];
  if (call.seen) return call.reply;
  call.seen = true;
  const bool timed_out = call.completed == 0;
  if (timed_out) {
    call.reply = {.status = ReplyStatus::kTimeout};
    call.meaning = ReplyStatus::kTimeout;
  }
  Event& event = emit(timed_out ? EventType::kTimedOut : EventType::kReceived, number);
  event.detail = static_cast<std::uint8_t>(call.meaning);
  if (call.meaning == ReplyStatus::kRateLimited)
    event.text = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
        call.reply.retry_after.count(), 0, std::numeric_limits<std::uint32_t>::max()));
  const OperationId id = call.operation;
  const Reply reply = call.reply;
  offer_crash_after({id.step, id.operation, Instant::kAfterCall, call.attempt});
  return reply;
}

}  // namespace saga_harness
