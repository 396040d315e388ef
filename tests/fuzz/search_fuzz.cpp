// The file that a search leaves and continues from, as it is given, and sealed with the checksum it ought to
// have.

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include <saga_harness/scenario.hpp>

#include "fuzz.hpp"
#include "search_file.hpp"

namespace saga_harness::fuzz {
namespace {

const Experiment& shop() {
  static const Experiment subject = experiment(
      Scenario{.saga = {.name = "short",
                        .steps = {{.name = "a", .service = "x", .compensation = "b"},
                                  {.name = "c", .service = "y", .retry = {.attempts = 2}, .pivot = true}}}});
  return subject;
}

void check(std::string_view text) {
  const auto file = accepted([&] { return SearchFile(text, "fuzz.search"); });
  if (!file) return;
  const auto options = accepted([&] { return file->options(); });
  const auto shard = accepted([&] { return file->shard(); });
  const auto state = accepted([&] { return file->state(shop()); });
  if (!options || !shard || !state) return;
  const Traits traits = traits_of(shop(), *options);
  static_cast<void>(accepted([&] { return file->expect(traits), true; }));
  const std::string printed = to_text(traits, *shard, *state);
  const SearchFile again(printed, "again.search");
  again.expect(traits);
  require(to_text(traits, again.shard(), again.state(shop())) == printed, "a search file is read back equal");
}

}  // namespace

void try_input(std::string_view input) {
  check(input);
  const std::size_t end = input.find('\n');
  const std::string_view body = end == std::string_view::npos ? input : input.substr(end + 1);
  std::uint64_t checksum = 0xCBF29CE484222325U;
  for (const char c : body) checksum = (checksum ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  check(fmt::format("saga_harness.search/4 {:016x}\n{}\n", checksum, body));
}

}  // namespace saga_harness::fuzz
