#include "search_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include <saga_harness_internal/input_file.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/random_numbers.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::JsonReader;
using internal::JsonWriter;

constexpr std::string_view kMagic = "saga_harness.search/4 ";
constexpr std::array<std::string_view, 5> kKeys{"format", "traits", "shard", "frontier", "tally"};
constexpr std::array<std::string_view, 5> kFrontierKeys{"finished", "levels_done", "unit", "leaves", "done"};
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostLevels = 1000;
constexpr std::size_t kLongestFirstLine = 100;

std::string names_of(const std::vector<FaultKind>& kinds) {
  std::string names;
  for (const FaultKind kind : kinds) names += (names.empty() ? "" : ",") + std::string(name_of(kind));
  return names;
}

// Of another version of this library the same options may mean another search.
std::string catalogue() {
  std::string names;
  for (std::size_t i = 0; i < kFaultKindCount; ++i)
    names += std::string(name_of(static_cast<FaultKind>(i))) + '\n';
  for (const RuleRow& row : kRuleCatalogue) names += std::string(row.id) + '\n';
  return fmt::format("{:x}", hash_of(names));
}

std::size_t where_they_part(std::string_view one, std::string_view other) {
  const auto part = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first;
  return static_cast<std::size_t>(part - one.begin());
}

/// Of a long text what is about that place.
std::string around(std::string_view text, std::size_t at) {
  constexpr std::size_t kShort = 100;
  constexpr std::size_t kBefore = 60;
  if (text.size() <= kShort) return std::string(text);
  const std::size_t from = at > kBefore ? at - kBefore : 0;
  std::string part(text.substr(from, kShort));
  if (from > 0) part.insert(0, "...");
  return from + kShort < text.size() ? part + "..." : part;
}

template <class Number>
Number number_in(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Traits traits_of(const Experiment& experiment, const ExploreOptions& options) {
  Traits traits = identity_of(experiment);
  traits.emplace_back("catalogue", catalogue());
  traits.emplace_back("max_faults", std::to_string(options.max_faults));
  traits.emplace_back("kinds", names_of(options.kinds));
  traits.emplace_back("windows", options.windows ? "yes" : "no");
  traits.emplace_back("prune", options.prune ? "yes" : "no");
  traits.emplace_back("stop_at_first_violation", options.stop_at_first_violation ? "yes" : "no");
  traits.emplace_back("swarm", options.swarm ? "yes" : "no");
  traits.emplace_back("seed", options.swarm ? options.swarm->seed : "");
  traits.emplace_back("schedules", options.swarm ? std::to_string(options.swarm->schedules) : "");
  return traits;
}

void write(JsonWriter& writer, const Frontier& frontier) {
  writer.begin_object();
  writer.key("finished");
  writer.boolean(frontier.finished);
  writer.key("levels_done");
  writer.number(std::int64_t{frontier.levels_done});
  writer.key("unit");
  writer.number(static_cast<std::int64_t>(frontier.unit));
  writer.key("leaves");
  writer.number(static_cast<std::int64_t>(frontier.leaves));
  writer.key("done");
  writer.begin_array();
  for (const UnitSet::Range& range : frontier.done.ranges()) {
    writer.number(static_cast<std::int64_t>(range.first));
    writer.number(static_cast<std::int64_t>(range.last));
  }
  writer.end_array();
  writer.end_object();
}

Frontier read_frontier(const JsonReader& object) {
  object.expect_keys("a frontier", kFrontierKeys);
  Frontier frontier;
  frontier.finished = object.at("finished").boolean();
  frontier.levels_done = static_cast<int>(object.at("levels_done").integer(0, kMostLevels));
  frontier.unit = static_cast<Unit>(object.at("unit").integer(0, kMost));
  frontier.leaves = static_cast<std::uint64_t>(object.at("leaves").integer(0, kMost));
  const JsonReader done = object.at("done");
  const std::vector<JsonReader> items = done.items();
  if (items.size() % 2 != 0) done.refuse("a range lacks its end", "write this file anew");
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const std::int64_t first = items[i].integer(0, kMost - 1);
    frontier.done.insert(
        {static_cast<Unit>(first), static_cast<Unit>(items[i + 1].integer(first, kMost - 1))});
  }
  return frontier;
}

std::string to_text(const Traits& traits, const Shard& shard, const SearchState& state) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  writer.key("format");
  writer.string(kMagic.substr(0, kMagic.size() - 1));
  writer.key("traits");
  writer.begin_object();
  for (const auto& [name, value] : traits) {
    writer.key(name);
    writer.string(value);
  }
  writer.end_object();
  writer.key("shard");
  writer.begin_object();
  writer.key("index");
  writer.number(std::int64_t{shard.index});
  writer.key("count");
  writer.number(std::int64_t{shard.count});
  writer.end_object();
  writer.key("frontier");
  write(writer, state.frontier);
  writer.key("tally");
  writer.raw(state.tally.to_json());
  writer.end_object();
  return fmt::format("{}{:016x}\n{}\n", kMagic, hash_of(text), text);
}

SearchFile::SearchFile(std::string_view text, std::string source) : source_(std::move(source)) {
  const std::size_t end = text.find('\n');
  const auto refuse = [this](std::string_view what) {
    throw Error(ErrorText{.message = fmt::format("{}: {}", source_, what),
                          .fix = "remove the file to begin anew, or name another"});
  };
  if (!text.starts_with(kMagic) || end == std::string_view::npos) {
    refuse("this is not the state of a search as this version of saga-harness writes it");
  }
  std::string_view body = text.substr(end + 1);
  if (body.ends_with('\n')) body.remove_suffix(1);
  if (text.substr(kMagic.size(), end - kMagic.size()) != fmt::format("{:016x}", hash_of(body))) {
    refuse("the file is damaged: its checksum is wrong");
  }
  value_ = internal::parse_json(body, source_);
  root().expect_keys("the state of a search", kKeys);
}

std::optional<SearchFile> SearchFile::load(const std::string& path) {
  const std::optional<std::string> text =
      internal::read_file_if_there(path, {.limit = internal::kLargestJson + kLongestFirstLine,
                                          .fix = "remove it to begin anew, or name another"});
  if (!text) return std::nullopt;
  if (text->empty())
    throw Error(ErrorText{.message = fmt::format("{}: is empty", path),
                          .fix = "remove it to begin anew, or name another"});
  return SearchFile(*text, path);
}

const std::string& SearchFile::trait(std::string_view name) const {
  for (std::size_t i = 0; i < value_.keys.size(); ++i) {
    if (value_.keys[i] != "traits") continue;
    const internal::JsonValue& traits = value_.items[i];
    for (std::size_t at = 0; at < traits.keys.size(); ++at) {
      if (traits.keys[at] == name) return traits.items[at].string;
    }
  }
  throw Error(ErrorText{.message = fmt::format("{}: the trait \"{}\" is missing", source_, name),
                        .fix = "write this file anew"});
}

Shard SearchFile::shard() const {
  constexpr std::int64_t kMostShards = 1'000'000;
  const std::int64_t count = root().at("shard").at("count").integer(1, kMostShards);
  return {static_cast<std::uint32_t>(root().at("shard").at("index").integer(0, count - 1)),
          static_cast<std::uint32_t>(count)};
}

ExploreOptions SearchFile::options() const {
  ExploreOptions options;
  options.max_faults = number_in<int>(trait("max_faults"));
  options.windows = trait("windows") == "yes";
  options.prune = trait("prune") == "yes";
  options.stop_at_first_violation = trait("stop_at_first_violation") == "yes";
  std::string_view kinds = trait("kinds");
  while (!kinds.empty()) {
    const std::size_t comma = std::min(kinds.find(','), kinds.size());
    options.kinds.push_back(parse_fault_kind(kinds.substr(0, comma)));
    kinds.remove_prefix(std::min(comma + 1, kinds.size()));
  }
  if (trait("swarm") == "yes")
    options.swarm = Swarm{trait("seed"), number_in<std::uint64_t>(trait("schedules"))};
  return options;
}

void SearchFile::expect(const Traits& traits) const {
  for (const auto& [name, here] : traits) {
    const std::string& there = trait(name);
    if (there == here) continue;
    const std::size_t at = where_they_part(there, here);
    throw Error(ErrorText{
        .message = fmt::format("{}: belongs to another search: {} is {} there and {} here", source_, name,
                               internal::in_quotes(around(there, at)), internal::in_quotes(around(here, at))),
        .fix = "name another file, or remove this one to begin anew"});
  }
}

SearchState SearchFile::state(const Experiment& experiment) const {
  try {
    return {Tally::read(root().at("tally"), experiment, options().kinds),
            read_frontier(root().at("frontier"))};
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.starts_with(source_)) throw;
    throw Error(ErrorText{.message = fmt::format("{}: {}", source_, message),
                          .fix = "remove the file to begin anew"});
  }
}

}  // namespace saga_harness
