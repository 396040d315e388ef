#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::mermaid;

class Sequence {
 public:
  Sequence(const SagaReport& saga, const ReportFinding& finding)
      : saga_(saga), finding_(finding), services_(reports::services_in(finding, saga)) {}

  [[nodiscard]] std::string head() const {
    std::string text = fmt::format("sequenceDiagram\n  participant c as {}\n", reports::middle_of(saga_));
    for (std::size_t i = 0; i < services_.size(); ++i)
      text += fmt::format("  participant s{} as {}\n", i, mermaid(services_[i]));
    return text;
  }

  /// The lines of an event; empty if a reader can do without it.
  [[nodiscard]] std::string lines_of(std::size_t number) const {
    const ReportEvent& event = finding_.trace[number];
    std::string text = line_of(event);
    const auto evidence = std::ranges::find(finding_.evidence, number);
    if (evidence == finding_.evidence.end()) return text;
    const bool is_first =
        number == *std::ranges::min_element(finding_.evidence);  // what came before could have ended well
    text += note(is_first ? "FIRST DIVERGENCE" : "shows the violation", event);
    return text;
  }

 private:
  [[nodiscard]] std::string other_side(const ReportEvent& event) const {
    const auto at = std::ranges::find(services_, reports::service_of(event, saga_));
    if (at == services_.end()) return {};
    return fmt::format("s{}", at - services_.begin());
  }

  [[nodiscard]] std::string note(std::string_view text, const ReportEvent& event) const {
    const std::string side = other_side(event);
    return fmt::format("  Note over c{}: {}\n", side.empty() ? "" : "," + side, mermaid(text));
  }

  [[nodiscard]] std::string line_of(const ReportEvent& event) const {
    const std::string side = other_side(event);
    const std::string label = mermaid(reports::label_of(event, saga_));
    const std::string& type = event.type;
    if (type == "sent" && !side.empty()) return fmt::format("  c->>{}: {}\n", side, label);
    if (type == "received" && !side.empty()) return fmt::format("  {}-->>c: {}\n", side, label);
    if (type == "published" && !side.empty()) return fmt::format("  {}->>c: {}\n", side, label);
    const bool is_participants = type == "applied" || type == "undone" || type == "dropped";
    if (is_participants && !side.empty()) return fmt::format("  Note over {}: {}\n", side, label);
    if (type == "fault") return note("FAULT " + reports::label_of(event, saga_), event);
    const bool is_coordinators = type == "timed_out" || type == "crashed" || type == "started" ||
                                 type == "woke_up" || type == "reported" || type == "threw" ||
                                 type == "gave_up" || type == "healed" || type == "not_logged" ||
                                 type == "published" || type == "dead_lettered";
    if (is_coordinators) return fmt::format("  Note over c: {}\n", label);
    return {};
  }

  const SagaReport& saga_;
  const ReportFinding& finding_;
  std::vector<std::string> services_;
};

}  // namespace

std::string sequence_mermaid(const SagaReport& saga, const ReportFinding& finding, std::size_t budget,
                             std::size_t* left_out) {
  const Sequence sequence(saga, finding);
  std::string text = sequence.head();
  std::size_t omitted = 0;
  for (std::size_t i = 0; i < finding.trace.size(); ++i) {
    const std::string lines = sequence.lines_of(i);
    if (omitted > 0 || text.size() + lines.size() > budget) {
      omitted += lines.empty() ? 0 : 1;
      continue;
    }
    text += lines;
  }
  if (omitted > 0) text += fmt::format("  Note over c: and {} more events\n", omitted);
  if (left_out != nullptr) *left_out = omitted;
  return text;
}

}  // namespace saga_harness
