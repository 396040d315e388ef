#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace saga_harness::support {

/// A finding as an output tells it. Empty: there is nothing to say.
struct ToldFinding {
  std::string rule = {};     ///< `I1 truthful outcome`
  std::string subject = {};  ///< the step; of several sagas `saga 2`
  std::string outcome = {};
  std::string cause = {};
  std::string explanation = {};
  std::string plan = {};

  friend auto operator<=>(const ToldFinding&, const ToldFinding&) = default;
};
void PrintTo(const ToldFinding& value, std::ostream* out);

/// What a search came to.
struct Told {
  std::string word = {};
  std::vector<ToldFinding> findings = {};
  std::vector<std::string> lacks = {};  ///< the reasons
};

/// Of which parts of a finding a format tells.
enum class Part : std::uint8_t { kRule, kSubject, kOutcome, kCause, kExplanation, kPlan };

/// How a format tells the word of a verdict.
enum class WordTold : std::uint8_t { kNot, kGoodOrBad, kExactly };

/// An output, by its name: those of `report --format`; of a search `search`, `search_json`, `matcher`; of one
/// over more than one saga's runs `search_of_several` and `matcher_of_anomalies`.
struct Output {
  std::string_view name;
  WordTold word;
  bool names_lacks;
  std::vector<Part> parts;  ///< none: findings are not told
};
[[nodiscard]] const std::vector<Output>& outputs();
[[nodiscard]] const Output& output(std::string_view name);

/// What the document of `explore --json` says.
[[nodiscard]] Told told_by(const nlohmann::json& exploration);

/// Where `text`, what `output` wrote, says otherwise than `told`: a sentence each.
[[nodiscard]] std::vector<std::string> disagreements(const Told& told, const Output& output,
                                                     const std::string& text);

}  // namespace saga_harness::support
