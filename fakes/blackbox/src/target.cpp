#include <saga_harness/target.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/input_file.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/names.hpp>
#include <saga_harness_internal/text.hpp>

#include "json_statuses.hpp"
#include "templates.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;
using internal::JsonReader;
using internal::JsonValue;
using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> kTargetKeys{"name",    "version", "start",     "process",
                                                       "durable", "resume",  "outcome",   "limits",
                                                       "timeout", "claims",  "isolation", "bus"};
constexpr std::array<std::string_view, 4> kRequestKeys{"method", "url", "headers", "body"};
constexpr std::array<std::string_view, 3> kCommandKeys{"command", "env", "cwd"};
constexpr std::array<std::string_view, 4> kProcessKeys{"command", "env", "cwd", "ready"};
constexpr std::array<std::string_view, 3> kReadyKeys{"url", "stdout", "within"};
/// How the statuses were called before; still read.
constexpr std::string_view kOldStatuses = "words";
constexpr std::array<std::string_view, 8> kOutcomeKeys{"from",     "pointer",  "status",        "request",
                                                       "interval", "statuses", "flagged_steps", kOldStatuses};
constexpr std::array<std::string_view, 4> kLimitKeys{"run", "quiet", "patience", "calls"};
constexpr std::array<std::string_view, 4> kSources{"response", "poll", "exit_code", "stdout"};
constexpr std::array<std::string_view, 4> kMeanings{"running", "completed", "compensated", "flagged"};
constexpr std::array<std::string_view, 3> kIsolations{"shared", "alone", "fresh"};

constexpr std::array<std::string_view, 2> kBuses{"none", "nats"};

constexpr std::array<std::string_view, 11> kRunTemplates{
    "saga_id",   "context", "service_url", "service_urls", "shared_url", "shared_urls",
    "admin_url", "target",  "port",        "scratch",      "nats_url"};
constexpr std::array<std::string_view, 6> kProcessTemplates{"shared_url", "shared_urls", "admin_url",
                                                            "port",       "scratch",     "nats_url"};

/// The place in `names` of the string that stands here.
std::size_t one_of(const JsonReader& reader, std::string_view what, Names names) {
  const std::string& name = reader.string();
  const auto found = std::ranges::find(names, std::string_view(name));
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  reader.refuse("there is no " + std::string(what) + " " + in_quotes(name),
                internal::name_fix(name, names, "expected " + internal::listed(names)));
}

void check_templates(const JsonReader& reader, std::string_view text, Names allowed) {
  blackbox::for_each_placeholder(text, [&](const blackbox::Placeholder& placeholder) {
    const std::string shown = fmt::format("{{{}}}", placeholder.name);
    if (std::ranges::find(allowed, placeholder.name) == allowed.end()) {
      reader.refuse(
          "there is no template " + shown + " here",
          internal::name_fix(placeholder.name, allowed,
                             "templates are " + internal::listed(allowed, "and") + ", each in braces"));
    }
    const bool wants = placeholder.name == "service_url" || placeholder.name == "shared_url";
    if (wants == placeholder.has_argument) return;
    reader.refuse(shown + (wants ? " does not say of which service" : " takes nothing after a colon"),
                  wants ? fmt::format("write {{{}:SERVICE}}", placeholder.name) : "write " + shown);
  });
}

std::string text_at(const JsonReader& reader, Names allowed) {
  check_templates(reader, reader.string(), allowed);
  return reader.string();
}

RequestTemplate read_request(const JsonReader& reader, std::string_view method) {
  reader.expect_keys("a request", kRequestKeys);
  RequestTemplate request{.method = std::string(method)};
  if (const auto given = reader.find("method")) request.method = given->string();
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (request.method.empty() || !std::ranges::all_of(request.method, is_upper))
    reader.at("method").refuse(in_quotes(request.method) + " is no method", "write POST, GET, …");
  const JsonReader url = reader.at("url");
  request.url = text_at(url, kRunTemplates);
  if (request.url.starts_with("https:"))
    url.refuse("https is not spoken here", "start the target without TLS and write http://");
  if (!request.url.starts_with("http://") && !request.url.starts_with('{'))
    url.refuse(in_quotes(request.url) + " is no URL", "write http://HOST:PORT/… or {target}/…");
  if (const auto headers = reader.find("headers")) {
    for (const auto& [name, value] : headers->members()) {
      if (name.empty() || name.find_first_of(" :\r\n") != std::string_view::npos)
        value.refuse(in_quotes(name) + " is no name of a header", "write for example X-Saga-Id");
      const std::string text = text_at(value, kRunTemplates);
      if (text.find_first_of("\r\n") != std::string::npos)
        value.refuse("a header has a line break", "write it on one line");
      request.headers.emplace_back(name, text);
    }
  }
  const auto body = reader.find("body");
  if (!body) return request;
  request.is_json = !body->is_string();
  if (request.is_json) {
    blackbox::for_each_string(body->value(),
                              [&](const std::string& text) { check_templates(*body, text, kRunTemplates); });
    internal::append_json(request.body, body->value());
  } else {
    request.body = text_at(*body, kRunTemplates);
  }
  return request;
}

std::filesystem::path folder_of(std::string_view source) {
  return std::filesystem::absolute(std::filesystem::path(source)).parent_path();
}

CommandTemplate read_command(const JsonReader& reader, Names keys, Names allowed) {
  reader.expect_keys("a command", keys);
  CommandTemplate command;
  const JsonReader argv = reader.at("command");
  for (const JsonReader& argument : argv.items()) command.argv.push_back(text_at(argument, allowed));
  if (command.argv.empty() || command.argv.front().empty())
    argv.refuse("there is no program in it", "write [\"PROGRAM\", \"ARGUMENT\", …]");
  if (const auto environment = reader.find("env")) {
    for (const auto& [name, value] : environment->members()) {
      if (name.empty() || name.find('=') != std::string_view::npos)
        value.refuse(in_quotes(name) + " is no name of a variable", "write a name without =");
      command.environment.emplace(name, text_at(value, allowed));
    }
  }
  std::filesystem::path folder = folder_of(reader.source());
  if (const auto cwd = reader.find("cwd")) folder /= cwd->string();
  command.folder = folder.lexically_normal().string();
  return command;
}

Duration positive(const JsonReader& reader) {
  const Duration duration = reader.duration();
  if (duration <= Duration::zero()) reader.refuse("is nothing", "write more, e.g. \"100ms\"");
  return duration;
}

ProcessTemplate read_process(const JsonReader& reader) {
  ProcessTemplate process{.command = read_command(reader, kProcessKeys, kProcessTemplates)};
  const JsonReader ready = reader.at("ready");
  ready.expect_keys("how a process says that it is ready", kReadyKeys);
  const auto url = ready.find("url");
  const auto line = ready.find("stdout");
  if (url.has_value() == line.has_value())
    ready.refuse("it must be told in one way that the process is ready",
                 "write {\"url\": \"http://127.0.0.1:{port}/…\"} or {\"stdout\": true}");
  if (line && !line->boolean()) line->refuse("must be true", "or write \"url\" instead");
  if (url) process.ready_url = text_at(*url, kProcessTemplates);
  if (const auto within = ready.find("within")) process.ready_within = positive(*within);
  return process;
}

std::string read_pointer(const JsonReader& reader) {
  if (const std::string& text = reader.string(); text.empty() || text.starts_with('/')) return text;
  reader.refuse(in_quotes(reader.string()) + " is no JSON pointer", "write for example \"/status\"");
}

/// Which status means what. The key's old name is read as long as the new one is not there, too.
void read_statuses(const JsonReader& reader, OutcomeTemplate& outcome) {
  const bool is_old = !reader.find("statuses").has_value() && reader.find(kOldStatuses).has_value();
  if (const auto both = reader.find(kOldStatuses); both && !is_old)
    both->refuse("it is the old name of \"statuses\", which is there as well", "leave it out");
  const JsonReader statuses = reader.at(is_old ? kOldStatuses : "statuses");
  for (const auto& [status, meaning] : statuses.members())
    outcome.statuses.emplace(status, static_cast<Outcome>(one_of(meaning, "outcome", kMeanings)));
  if (outcome.statuses.empty())
    statuses.refuse("there is no status in it", "write {\"THE TARGET'S STATUS\": \"completed\", …}");
}

OutcomeTemplate read_outcome(const JsonReader& reader) {
  reader.expect_keys("an outcome", kOutcomeKeys);
  OutcomeTemplate outcome;
  outcome.source = static_cast<OutcomeSource>(one_of(reader.at("from"), "source of an outcome", kSources));
  if (const auto pointer = reader.find("pointer")) outcome.pointer = read_pointer(*pointer);
  if (const auto status = reader.find("status")) outcome.by_status = status->boolean();
  const bool is_http = outcome.source == OutcomeSource::kResponse || outcome.source == OutcomeSource::kPoll;
  if (is_http && outcome.by_status == reader.find("pointer").has_value())
    reader.refuse("the word must be found in one way", "write \"pointer\": \"/status\" or \"status\": true");
  if (outcome.source == OutcomeSource::kStdout) outcome.by_status = !reader.find("pointer").has_value();
  if (outcome.source == OutcomeSource::kPoll) {
    outcome.poll = read_request(reader.at("request"), "GET");
  } else if (const auto request = reader.find("request")) {
    request->refuse("only \"poll\" sends requests", "leave it out, or write \"from\": \"poll\"");
  }
  if (const auto interval = reader.find("interval")) outcome.interval = positive(*interval);
  read_statuses(reader, outcome);
  if (const auto flagged = reader.find("flagged_steps")) outcome.flagged_steps = read_pointer(*flagged);
  return outcome;
}

TargetLimits read_limits(const JsonReader& reader) {
  reader.expect_keys("limits", kLimitKeys);
  TargetLimits limits;
  if (const auto run = reader.find("run")) limits.run = positive(*run);
  if (const auto quiet = reader.find("quiet")) limits.quiet = quiet->duration();
  if (const auto patience = reader.find("patience")) limits.patience = positive(*patience);
  constexpr std::int64_t kMostCalls = 1'000'000;
  if (const auto calls = reader.find("calls"))
    limits.calls = static_cast<std::uint64_t>(calls->integer(1, kMostCalls));
  return limits;
}

Claims read_claims(const JsonReader& reader) {
  Claims claims;
  std::vector<std::string_view> names;
  for (const ClaimRow& claim : kClaimCatalogue) {
    if (claim.shows_over_wires) names.push_back(claim.name);
  }
  for (const JsonReader& item : reader.items()) {
    const auto claim = std::ranges::find(kClaimCatalogue, std::string_view(item.string()), &ClaimRow::name);
    if (claim == kClaimCatalogue.end()) static_cast<void>(one_of(item, "claim", names));  // refuses it
    if (!claim->shows_over_wires)
      item.refuse(in_quotes(item.string()) + " cannot be judged from outside the target's process",
                  "leave it out");
    claims.*claim->flag = true;
  }
  return claims;
}

template <class Visitor>
void for_each_text(const Target& target, Visitor visit) {
  const auto of_request = [&](const RequestTemplate& request) {
    visit(request.url);
    visit(request.body);
    for (const auto& [name, value] : request.headers) visit(value);
  };
  const auto of_command = [&](const CommandTemplate& command) {
    for (const std::string& argument : command.argv) visit(argument);
    for (const auto& [name, value] : command.environment) visit(value);
  };
  if (target.start_request) of_request(*target.start_request);
  if (target.start_command) of_command(*target.start_command);
  if (target.resume_request) of_request(*target.resume_request);
  if (target.resume_command) of_command(*target.resume_command);
  if (target.process) of_command(target.process->command);
  of_request(target.outcome.poll);
}

void check_bus(const Target& target, const JsonReader& reader) {
  if (target.bus != TargetBus::kNone) {
    if (target.durable)
      reader.at("durable").refuse("services over a bus of ours are not killed", "leave it out");
    if (target.isolation == Isolation::kFresh)
      reader.at("isolation").refuse("all runs share the bus, and its subscriptions", "leave it out");
    return;
  }
  for_each_text(target, [&](const std::string& text) {
    blackbox::for_each_placeholder(text, [&](const blackbox::Placeholder& placeholder) {
      if (placeholder.name == "nats_url")
        reader.refuse("{nats_url} is of a bus, and there is none", "write \"bus\": \"nats\", too");
    });
  });
}

/// What each part may be, as far as it depends on the others.
void check_whole(const Target& target, const JsonReader& reader) {
  const OutcomeSource source = target.outcome.source;
  const bool by_command = target.start_command.has_value();
  const bool wants_command = source == OutcomeSource::kExitCode || source == OutcomeSource::kStdout;
  const JsonReader from = reader.at("outcome").at("from");
  if (wants_command && !by_command)
    from.refuse("a saga that a request starts has neither exit code nor output",
                "write \"response\" or \"poll\", or let a command start it");
  if (source == OutcomeSource::kResponse && !target.start_request)
    from.refuse("a saga that a command starts has no response",
                "write \"exit_code\", \"stdout\" or \"poll\", or let a request start it");
  const bool is_ours = target.process.has_value() || by_command;
  if (target.durable && !is_ours)
    reader.at("durable").refuse("what we have not started we cannot kill", "write \"process\", too");
  const bool hears_after_crash = source != OutcomeSource::kResponse || target.resume_request;
  if (target.durable && !hears_after_crash)
    from.refuse("the response is gone when a durable target is killed",
                "write \"resume\", whose response counts then, or \"poll\"");
  const bool resumes = target.resume_request || target.resume_command;
  if (resumes && !target.durable)
    reader.at("resume").refuse("only what is killed has to be resumed", "write \"durable\": true, too");
  if (target.claims.survives_crashes && !target.durable)
    reader.at("claims").refuse("survives_crashes is claimed of a target that is not durable",
                               "write \"durable\": true, too");
  if (target.claims.names_flagged_steps && target.outcome.flagged_steps.empty())
    reader.at("claims").refuse("names_flagged_steps is claimed, but not where they are named",
                               "write \"flagged_steps\": \"/POINTER\" in \"outcome\"");
  if (target.isolation == Isolation::kFresh && !target.process && !by_command)
    reader.at("isolation")
        .refuse("what we have not started we cannot start afresh", "write \"process\", too");
  check_bus(target, reader);
  if (target.process) return;
  for_each_text(target, [&](const std::string& text) {
    blackbox::for_each_placeholder(text, [&](const blackbox::Placeholder& placeholder) {
      if (placeholder.name != "target" && placeholder.name != "port") return;
      reader.refuse(fmt::format("{{{}}} is of a process, and there is none", placeholder.name),
                    "write \"process\", or the URL itself");
    });
  });
}

}  // namespace

std::string_view name_of(Isolation isolation) { return internal::name_in(kIsolations, isolation); }

Target parse_target(std::string_view json, std::string_view source) {
  const JsonValue document = internal::parse_json(json, source);
  const JsonReader reader(document, source);
  reader.expect_keys("a target", kTargetKeys);
  Target target{.source = std::string(source)};
  target.name = std::filesystem::path(source).stem().string();
  if (const auto name = reader.find("name")) target.name = name->string();
  if (const auto version = reader.find("version")) target.version = version->string();
  internal::append_json(target.declared, document);
  if (target.name.find_first_of("\r\n") != std::string::npos)
    reader.at("name").refuse("a name has a line break", "write it on one line");
  const JsonReader start = reader.at("start");
  if (start.is_object() && start.find("command")) {
    target.start_command = read_command(start, kCommandKeys, kRunTemplates);
  } else {
    target.start_request = read_request(start, "POST");
  }
  if (const auto process = reader.find("process")) target.process = read_process(*process);
  if (const auto durable = reader.find("durable")) target.durable = durable->boolean();
  if (const auto resume = reader.find("resume")) {
    if (resume->is_object() && resume->find("command")) {
      target.resume_command = read_command(*resume, kCommandKeys, kRunTemplates);
    } else {
      target.resume_request = read_request(*resume, "POST");
    }
  }
  target.outcome = read_outcome(reader.at("outcome"));
  if (reader.at("outcome").find(kOldStatuses))
    target.hints.push_back(
        fmt::format("{}: /outcome/{}: it is called \"statuses\" now; rename the key", source, kOldStatuses));
  if (const auto limits = reader.find("limits")) target.limits = read_limits(*limits);
  if (const auto timeout = reader.find("timeout")) target.timeout = positive(*timeout);
  if (const auto claims = reader.find("claims")) target.claims = read_claims(*claims);
  if (const auto isolation = reader.find("isolation"))
    target.isolation = static_cast<Isolation>(one_of(*isolation, "isolation", kIsolations));
  if (const auto bus = reader.find("bus")) target.bus = static_cast<TargetBus>(one_of(*bus, "bus", kBuses));
  check_whole(target, reader);
  target.claims.survives_crashes = target.durable;
  return target;
}

Target load_target(const std::string& path) {
  return parse_target(internal::read_file(path, {.fix = "name a file that says how to reach the target"}),
                      path);
}

void check_fit(const Target& target, const Scenario& scenario) {
  if (target.bus != TargetBus::kNone && !scenario.saga.choreography) {
    throw Error(ErrorText{.source = target.source,
                          .message = fmt::format(
                              "the target has a bus, but {} is no choreography: nothing is delivered over it",
                              scenario.saga.name)});
  }
  const SagaIndex saga(scenario.saga);
  for_each_text(target, [&](const std::string& text) {
    blackbox::for_each_placeholder(text, [&](const blackbox::Placeholder& placeholder) {
      if (!placeholder.has_argument) return;
      const auto services = saga.services();
      if (std::ranges::find(services, placeholder.argument) != services.end()) return;
      throw Error(
          ErrorText{.source = target.source,
                    .message = fmt::format("{{{}:{}}}: the scenario has no service {}", placeholder.name,
                                           placeholder.argument, in_quotes(placeholder.argument)),
                    .fix = internal::name_fix(placeholder.argument, services)});
    });
  });
}

Experiment experiment(const Scenario& scenario, const Target& target) {
  Experiment subject = experiment(scenario);
  subject.claims = target.claims;
  // Over a bus the trace has events, which bring keys of their own: nothing that a coordinator promised.
  if (target.bus != TargetBus::kNone) subject.claims.idempotency_keys = false;
  subject.setup.durable = target.durable;
  subject.coordinator_name = target.name;
  subject.source = scenario.source;
  subject.target = target.source;
  subject.declared += target.declared;
  subject.has_own_code = target.declared.empty();
  subject.version = target.version;
  return subject;
}

}  // namespace saga_harness
