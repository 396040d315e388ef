#include "admin/fault_json.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <saga_harness/error.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::http {
namespace {

using internal::in_quotes;
using internal::JsonReader;
using wire::OrderedFault;
using wire::WireKind;

constexpr std::array<std::string_view, 11> kKeys{"service", "action", "saga_id",     "idempotency_key",
                                                 "attempt", "fault",  "times",       "delay",
                                                 "timeout", "status", "after_effect"};
constexpr Duration kLongHang = std::chrono::seconds(60);
constexpr Duration kSlow = std::chrono::seconds(1);
constexpr Duration kLongestDelay = std::chrono::hours(1);

/// What a saga makes of it.
FaultKind meaning_of(WireKind kind, int status, bool after_effect) {
  switch (kind) {
    case WireKind::kResetBefore:
      return FaultKind::kParticipantCrashBefore;
    case WireKind::kResetAfter:
      return FaultKind::kParticipantCrashAfter;
    case WireKind::kRefused:
    case WireKind::kClosedBefore:
      return FaultKind::kRequestLost;
    case WireKind::kClosedAfter:
      return FaultKind::kReplyLost;
    case WireKind::kHang:
      return after_effect ? FaultKind::kReplyLost : FaultKind::kRequestLost;
    case WireKind::kTruncatedBody:
    case WireKind::kInvalidJson:
    case WireKind::kWrongContentType:
      return FaultKind::kReplyCorrupt;
    case WireKind::kSlowFirstByte:
    case WireKind::kSlowBody:
      return FaultKind::kDelayUnderTimeout;
    case WireKind::kStatus:
      break;
  }
  if (after_effect) return FaultKind::kErrorAfterEffect;
  if (status == 401) return FaultKind::kUnauthorized;
  if (status == 409) return FaultKind::kConflict;
  if (status == 429) return FaultKind::kRateLimited;
  return status < 500 ? FaultKind::kRejected : FaultKind::kUnavailable;
}

bool has_delay(WireKind kind) {
  return kind == WireKind::kHang || kind == WireKind::kSlowBody || kind == WireKind::kSlowFirstByte;
}

void refuse_key(const JsonReader& object, std::string_view key, std::string_view fault,
                const std::string& fix) {
  if (const auto value = object.find(key))
    value->refuse("a fault " + in_quotes(fault) + " has no " + std::string(key), fix);
}

void read_kind(const JsonReader& object, OrderedFault& fault) {
  const JsonReader named = object.at("fault");
  const std::string& name = named.string();
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < wire::kWireKindCount; ++i) {
    const auto kind = static_cast<WireKind>(i);
    names.push_back(name_of(kind));
    if (names.back() != name) continue;
    fault.wire = kind;
    return;
  }
  for (const FaultRow& row : kFaultCatalogue) {
    if (row.wire_calls == Reach::kNone) continue;
    if (row.name == name) {
      fault.kind = row.kind;
      return;
    }
    names.push_back(row.name);
  }
  named.refuse("there is no fault " + in_quotes(name) + " over HTTP",
               internal::name_fix(name, names, "GET /__admin/openapi.json lists them"));
}

void read_scope(const JsonReader& object, const SagaIndex& saga, OrderedFault& fault) {
  if (const auto service = object.find("service")) {
    fault.service = service->string();
    const auto services = saga.services();
    if (std::find(services.begin(), services.end(), fault.service) == services.end()) {
      service->refuse(
          "there is no service " + in_quotes(fault.service),
          internal::name_fix(fault.service, services, "name one of the scenario, or none for all"));
    }
  }
  if (const auto action = object.find("action")) {
    fault.action = action->string();
    std::vector<std::string_view> known;
    for (StepId step = 0; step < saga.step_count(); ++step) {
      for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation}) {
        const std::string_view name = saga.action_of({step, operation});
        const bool is_there = fault.service.empty() || saga.step(step).service == fault.service;
        if (!name.empty() && is_there) known.push_back(name);
      }
    }
    if (std::find(known.begin(), known.end(), fault.action) == known.end()) {
      action->refuse("there is no action " + in_quotes(fault.action),
                     internal::name_fix(fault.action, known, "name one of the scenario, or none for all"));
    }
  }
  if (const auto saga_id = object.find("saga_id")) fault.saga_id = saga_id->string();
  if (const auto key = object.find("idempotency_key")) fault.key = key->string();
  if (const auto attempt = object.find("attempt"))
    fault.attempt = static_cast<std::uint32_t>(attempt->integer(1, 65535));
}

Duration read_time(const JsonReader& value) {
  const Duration time = value.duration();
  if (time > kLongestDelay) value.refuse("nothing takes longer than an hour", "give less");
  return time;
}

void read_wire_parameters(const JsonReader& object, OrderedFault& fault) {
  const WireKind kind = *fault.wire;
  const std::string_view name = name_of(kind);
  const bool has_effect_choice = kind == WireKind::kHang || kind == WireKind::kStatus;
  if (!has_effect_choice) refuse_key(object, "after_effect", name, "remove it");
  if (const auto after = object.find("after_effect")) fault.after_effect = after->boolean();
  if (!has_delay(kind)) refuse_key(object, "delay", name, "remove it");
  fault.delay = kind == WireKind::kHang ? kLongHang : kSlow;
  if (const auto delay = object.find("delay")) fault.delay = read_time(*delay);
  if (kind != WireKind::kStatus) {
    refuse_key(object, "status", name, R"(remove it, or use the fault "status")");
  } else {
    fault.status = static_cast<int>(object.at("status").integer(400, 599));
  }
  refuse_key(object, "timeout", name, "remove it, or use delay");
  fault.kind = meaning_of(kind, fault.status, fault.after_effect);
}

void read_other_parameters(const JsonReader& object, OrderedFault& fault) {
  const std::string_view name = name_of(fault.kind);
  refuse_key(object, "status", name, R"(remove it, or use the fault "status")");
  refuse_key(object, "after_effect", name, "remove it");
  refuse_key(object, "delay", name, R"(remove it, or use the fault "hang" or "slow_first_byte")");
  if (const auto timeout = object.find("timeout")) {
    fault.timeout = read_time(*timeout);
  } else if (row_of(fault.kind).wire_calls == Reach::kWithTimeout) {
    object.refuse("a fault " + in_quotes(name) + " rests on how long the subject waits",
                  R"(say so: "timeout": "2s")");
  }
}

}  // namespace

OrderedFault read_fault(const JsonReader& object, const SagaIndex& saga, bool can_refuse_connections) {
  object.expect_keys("a fault", kKeys);
  OrderedFault fault;
  read_kind(object, fault);
  read_scope(object, saga, fault);
  if (fault.wire == WireKind::kRefused) {
    for (const std::string_view key : {"action", "saga_id", "idempotency_key", "attempt", "times"})
      refuse_key(object, key, "refused", "a connection that is refused has none; delete the fault to end it");
    if (!can_refuse_connections)
      object.refuse("all services share one port", R"(give them one each: "ports": "each")");
    if (fault.service.empty()) object.refuse("which service refuses?", R"(add "service")");
    fault.times = 0;
  }
  if (const auto times = object.find("times")) {
    const bool is_always = times->is_string() && times->string() == "always";
    fault.times = is_always ? 0 : times->integer(1, 1'000'000'000);
  }
  if (fault.wire) {
    read_wire_parameters(object, fault);
  } else {
    read_other_parameters(object, fault);
  }
  return fault;
}

void write_fault(const OrderedFault& fault, internal::JsonWriter& writer) {
  writer.begin_object();
  writer.key("id");
  writer.number(static_cast<std::int64_t>(fault.id));
  writer.key("fault");
  writer.string(name_of(fault));
  const auto text = [&writer](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    writer.key(key);
    writer.string(value);
  };
  text("service", fault.service);
  text("action", fault.action);
  text("saga_id", fault.saga_id);
  text("idempotency_key", fault.key);
  if (fault.attempt != 0) {
    writer.key("attempt");
    writer.number(static_cast<std::int64_t>(fault.attempt));
  }
  if (fault.wire && has_delay(*fault.wire)) text("delay", format_duration(fault.delay));
  if (fault.timeout > Duration::zero()) text("timeout", format_duration(fault.timeout));
  if (fault.status != 0) {
    writer.key("status");
    writer.number(static_cast<std::int64_t>(fault.status));
  }
  if (fault.after_effect) {
    writer.key("after_effect");
    writer.boolean(true);
  }
  writer.key("times");
  if (fault.times == 0) {
    writer.string("always");
  } else {
    writer.number(fault.times);
  }
  writer.key("struck");
  writer.number(fault.struck);
  writer.end_object();
}

}  // namespace saga_harness::http
