#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/identity.hpp>
#include <saga_harness_internal/json_reader.hpp>

#include "explorer.hpp"

namespace saga_harness {

/// What two searches must have in common for their counts to belong together: subject and bounds.
[[nodiscard]] Traits traits_of(const Experiment& experiment, const ExploreOptions& options);

/// The state of a search as text: its experiment, its options, its frontier and its tally, with a checksum
/// over all of it.
[[nodiscard]] std::string to_text(const Traits& traits, const Shard& shard, const SearchState& state);

/// Such a text, read.
class SearchFile {
 public:
  /// @throws Error that begins with `source` if the text is damaged or of another format.
  SearchFile(std::string_view text, std::string source);
  /// @throws Error if the file cannot be read; nothing if there is none.
  [[nodiscard]] static std::optional<SearchFile> load(const std::string& path);

  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::string& trait(std::string_view name) const;
  [[nodiscard]] Shard shard() const;
  /// The options that decide what is searched.
  [[nodiscard]] ExploreOptions options() const;
  /// @throws Error that names the first trait that differs.
  void expect(const Traits& traits) const;
  [[nodiscard]] SearchState state(const Experiment& experiment) const;

 private:
  [[nodiscard]] internal::JsonReader root() const { return {value_, source_}; }

  std::string source_;
  internal::JsonValue value_;
};

/// The frontier as JSON, and back: what worker processes and files have in common.
void write(internal::JsonWriter& writer, const Frontier& frontier);
[[nodiscard]] Frontier read_frontier(const internal::JsonReader& object);

}  // namespace saga_harness
