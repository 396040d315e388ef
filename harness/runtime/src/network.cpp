// Calls and messages: how a request gets to a participant, and its reply back.

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "engine_impl.hpp"

namespace saga_harness {
namespace {

constexpr std::string_view kForeignBody = R"({"ok":true})";
constexpr std::string_view kForeignCorrelationId = "somebody-else";

}  // namespace

std::uint32_t Engine::Impl::find_operation(const Request& request) {
  try {
    return operations_.find(request);
  } catch (const Error&) {
    fail(std::current_exception());
  }
}

Pending Engine::Impl::start(std::uint32_t incarnation, const Request& request) {
  enter(incarnation);
  const std::uint32_t index = find_operation(request);
  const OperationInfo& info = operations_.at(index);
  const OperationId id = info.delivery.operation;
  if (!limits_.allows_calls(calls_.next_number())) give_up("the bound on calls");
  if (!limits_.spend_call_without_progress()) {
    give_up("a livelock: call after call, and neither a ledger nor the log changes");
  }
  const std::int64_t given = checked(request.timeout, "Request::timeout");
  const std::int64_t timeout = given > 0 ? given : info.timeout;
  offer_crash_before(
      {id.step, id.operation, Instant::kBeforeCall, instants_.reached(index, Instant::kBeforeCall)});
  if (has_ended(incarnation)) return Pending{};

  const std::uint32_t number = calls_.next_number();
  Call& call = calls_.begin(id, index);
  call.key = texts_.intern(request.idempotency_key);
  call.correlation_id = number_of(request.correlation_id, saga_text_);
  call.auth_token = number_of(request.auth_token, token_text_);
  call.payload =
      request.payload.empty() ? std::string_view(setup_.context.text()) : memory_.copy(request.payload);
  call.latency = latency_of(timeout);
  call.deadline = clock_.now() + timeout;
  call.ends_at = call.deadline;
  call.incarnation = static_cast<std::uint8_t>(incarnations_.running());
  Event& sent = emit(EventType::kSent, number);
  sent.text = call.key;
  if (!request.payload.empty()) payloads_.add(trace_.events().size() - 1, call.payload);
  if (setup_.carries_context) {
    if (call.correlation_id != saga_text_) sent.detail |= kWithoutCorrelation;
    if (call.auth_token != token_text_) sent.detail |= kWithoutToken;
  }
  choose_fault(number, info);
  dispatch(number);
  instants_.something_happened();
  return Pending(number);
}

void Engine::Impl::choose_fault(std::uint32_t number, const OperationInfo& info) {
  Call& call = calls_[number];
  Alternative fault;
  if (const Alternative* since_before = windows_.striking(call.info, call.attempt)) {
    fault = *since_before;
  } else {
    if (healed_) return;
    const OperationId id = info.delivery.operation;
    const std::size_t picked = ask({id.step, id.operation, Instant::kCall, call.attempt}, info.at_call);
    if (picked == 0) return;
    fault = info.at_call[picked - 1];
    windows_.note(call.info, fault, call.attempt, info.budget);
  }
  call.struck = true;
  call.fault = fault.kind;
  Event& event = emit(EventType::kFault, number);
  event.detail = static_cast<std::uint8_t>(fault.kind);
  event.text = pack(Instant::kCall, fault.window);
}

void Engine::Impl::dispatch(std::uint32_t number) {
  const Call& call = calls_[number];
  const std::int64_t arrival = clock_.now() + call.latency;
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
        held_.hold(number, MessageKind::kDuplicate, fate.until);
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
      return push(clock_.now() + call.latency);
    case HoldUntil::kAnswerBeforeTimeout:
      return push(in_time - 1);
    case HoldUntil::kAnswerAtTimeout:
      return push(in_time);
    case HoldUntil::kAnswerAfterTimeout:
      return push(in_time + 1);
    case HoldUntil::kAnswerAfterDeadline: {
      const Duration deadline = saga_.saga().deadline.value_or(Duration::zero());
      return push(std::max<std::int64_t>(clock_.now() + call.latency,
                                         started_at_ + deadline.count() + 1 - call.latency));
    }
    case HoldUntil::kTimeout:
      return push(call.deadline + call.latency);
    case HoldUntil::kNextRequest:
    case HoldUntil::kCompensated:
    case HoldUntil::kEnd:
      held_.hold(number, MessageKind::kRequest, until);
      return;
  }
}

void Engine::Impl::receive(std::uint32_t number) {
  Call& call = calls_[number];
  if (clock_.now() >= call.deadline || incarnations_.has_ended(call.incarnation) || call.completed != 0) {
    emit(EventType::kDropped, number);
    return;
  }
  calls_.complete(number, clock_.now());
}

void Engine::Impl::pump_until(std::int64_t limit) {
  while (!queue_.empty() && queue_.next_time() < limit) pump_one();
  if (limit != std::numeric_limits<std::int64_t>::max()) clock_.advance_to(limit);
}

void Engine::Impl::pump_one() {
  clock_.advance_to(queue_.next_time());
  const Message message = queue_.has_tie() ? pop_of_tie() : queue_.pop();
  if (message.kind == MessageKind::kReply) {
    receive(message.call);
  } else {
    deliver(message);
  }
}

Reply Engine::Impl::wait(std::uint32_t incarnation, Pending pending) {
  auto completion = wait_any(incarnation, std::span<const Pending>(&pending, 1), Time::max());
  return completion ? std::move(completion->reply) : Reply{.status = ReplyStatus::kError};
}

std::optional<Runtime::Completion> Engine::Impl::wait_any(std::uint32_t incarnation,
                                                          std::span<const Pending> pending, Time until) {
  enter(incarnation);
  for (const Pending& each : pending) {
    checked(incarnation, each);
    offer_during(each.call_);
    if (has_ended(incarnation)) return std::nullopt;
  }
  const std::int64_t wake = until == Time::max() ? std::numeric_limits<std::int64_t>::max()
                                                 : clock_.real_time_of(until.time_since_epoch().count());
  if (pending.empty() && wake > clock_.now() + kLongestWait) {
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
    if (first != nullptr && first->ends_at <= clock_.now()) {
      if (first->ends_at == wake && !first->seen && is_overtaken(pending[index].call_)) return std::nullopt;
      if (pending.size() > 1) index = first_of_tie(pending, index);
      return Runtime::Completion{index, complete(pending[index].call_)};
    }
    const std::int64_t limit = first == nullptr ? wake : std::min(wake, first->ends_at);
    if (!queue_.empty() && queue_.next_time() < limit) {
      pump_one();
      continue;
    }
    clock_.advance_to(limit);
    if (first != nullptr && first->ends_at <= clock_.now()) continue;
    const std::optional<Unheard> reply = unheard_reply(pending, limit);
    if (!reply || !is_overtaken(reply->message.call)) return std::nullopt;
    hear(*reply);
  }
}

const Call& Engine::Impl::checked(std::uint32_t incarnation, Pending pending) {
  if (pending.call_ == 0 || pending.call_ >= calls_.next_number() ||
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
  if (saga_.gives_results()) keep_answer(call, call.meaning, call.reply.body);
  const OperationId id = call.operation;
  offer_crash_after({id.step, id.operation, Instant::kAfterCall, call.attempt});
  return calls_[number].reply;
}

}  // namespace saga_harness
