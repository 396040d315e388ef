#include <array>
#include <ostream>

#include <saga_harness/blackbox.hpp>
#include <saga_harness/target.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/print_fields.hpp>

namespace saga_harness {

std::string_view name_of(OutcomeSource value) {
  static constexpr std::array<std::string_view, 4> kNames{"response", "poll", "exit_code", "stdout"};
  return internal::name_in(kNames, value);
}

std::string_view name_of(TargetBus value) {
  static constexpr std::array<std::string_view, 2> kNames{"none", "nats"};
  return internal::name_in(kNames, value);
}

void PrintTo(const TargetExploration& value, std::ostream* out) {
  internal::print_fields(*out, "TargetExploration", value,
                         internal::field("exploration", &TargetExploration::exploration),
                         internal::field("examples", &TargetExploration::examples),
                         internal::field("notes", &TargetExploration::notes));
}

void PrintTo(const RequestTemplate& value, std::ostream* out) {
  internal::print_fields(
      *out, "RequestTemplate", value, internal::field("method", &RequestTemplate::method),
      internal::field("url", &RequestTemplate::url), internal::field("headers", &RequestTemplate::headers),
      internal::field("body", &RequestTemplate::body), internal::field("is_json", &RequestTemplate::is_json));
}

void PrintTo(const CommandTemplate& value, std::ostream* out) {
  internal::print_fields(*out, "CommandTemplate", value, internal::field("argv", &CommandTemplate::argv),
                         internal::field("environment", &CommandTemplate::environment),
                         internal::field("folder", &CommandTemplate::folder));
}

void PrintTo(const ProcessTemplate& value, std::ostream* out) {
  internal::print_fields(*out, "ProcessTemplate", value,
                         internal::field("command", &ProcessTemplate::command),
                         internal::field("ready_url", &ProcessTemplate::ready_url),
                         internal::field("ready_within", &ProcessTemplate::ready_within));
}

void PrintTo(const OutcomeTemplate& value, std::ostream* out) {
  internal::print_fields(*out, "OutcomeTemplate", value, internal::field("source", &OutcomeTemplate::source),
                         internal::field("pointer", &OutcomeTemplate::pointer),
                         internal::field("by_status", &OutcomeTemplate::by_status),
                         internal::field("poll", &OutcomeTemplate::poll),
                         internal::field("interval", &OutcomeTemplate::interval),
                         internal::field("statuses", &OutcomeTemplate::statuses),
                         internal::field("flagged_steps", &OutcomeTemplate::flagged_steps));
}

void PrintTo(const TargetLimits& value, std::ostream* out) {
  internal::print_fields(*out, "TargetLimits", value, internal::field("run", &TargetLimits::run),
                         internal::field("quiet", &TargetLimits::quiet),
                         internal::field("patience", &TargetLimits::patience),
                         internal::field("calls", &TargetLimits::calls));
}

void PrintTo(const Target& value, std::ostream* out) {
  internal::print_fields(
      *out, "Target", value, internal::field("source", &Target::source),
      internal::field("name", &Target::name), internal::field("version", &Target::version),
      internal::field("declared", &Target::declared),
      internal::field("start_request", &Target::start_request),
      internal::field("start_command", &Target::start_command), internal::field("process", &Target::process),
      internal::field("resume_request", &Target::resume_request),
      internal::field("resume_command", &Target::resume_command),
      internal::field("outcome", &Target::outcome), internal::field("limits", &Target::limits),
      internal::field("timeout", &Target::timeout), internal::field("durable", &Target::durable),
      internal::field("claims", &Target::claims), internal::field("isolation", &Target::isolation),
      internal::field("bus", &Target::bus));
}

}  // namespace saga_harness
