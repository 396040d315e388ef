#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::mermaid;
using reports::OperationCounts;
using reports::xml;

enum class Shade : std::uint8_t { kHeld, kPartly, kUntried, kViolated };

Shade shade_of(const OperationCounts& counts) {
  if (counts.violated > 0) return Shade::kViolated;
  if (counts.legal > 0 && counts.held == counts.legal) return Shade::kHeld;
  return counts.fired > 0 ? Shade::kPartly : Shade::kUntried;
}

std::string_view word_for(Shade shade) {
  switch (shade) {
    case Shade::kHeld:
      return "held";
    case Shade::kPartly:
      return "partly";
    case Shade::kUntried:
      return "untried";
    case Shade::kViolated:
      return "violated";
  }
  return "";
}

std::string words_for(const OperationCounts& counts, const Step& step) {
  if (counts.legal == 0 && step.only_if) return "skipped";
  std::string text = fmt::format("{} of {} held", counts.held, counts.legal);
  return counts.violated > 0 ? text + fmt::format(", {} violated", counts.violated) : text;
}

std::string action_name(const Step& step) { return step.action.empty() ? step.name : step.action; }

std::vector<StepId> predecessors_of(const Saga& saga, StepId step) {
  std::vector<StepId> result;
  if (saga.steps[step].after.is_previous_step()) {
    if (step > 0) result.push_back(static_cast<StepId>(step - 1));
    return result;
  }
  for (const std::string& name : saga.steps[step].after.names()) {
    const auto at = std::ranges::find(saga.steps, name, &Step::name);
    if (at != saga.steps.end()) result.push_back(static_cast<StepId>(at - saga.steps.begin()));
  }
  return result;
}

std::string mermaid_saga(const SagaReport& report, std::size_t number) {
  const Saga& saga = report.definition;
  std::string text = fmt::format("  subgraph g{}[\"{}\"]\n", number, mermaid(reports::subject_name(report)));
  for (StepId step = 0; step < saga.steps.size(); ++step) {
    const Step& each = saga.steps[step];
    const OperationCounts action = reports::counts_of(report, step, Operation::kAction);
    const std::string condition = reports::condition_of(each);
    text += fmt::format("    a{}_{}[\"{}<br/>{}{}\"]:::{}\n", number, step, mermaid(action_name(each)),
                        condition.empty() ? "" : mermaid(reports::fitted(condition, 60)) + "<br/>",
                        mermaid(words_for(action, each)), word_for(shade_of(action)));
    for (const StepId before : predecessors_of(saga, step))
      text += fmt::format("    a{0}_{1} --> a{0}_{2}\n", number, before, step);
    if (each.compensation.empty()) continue;
    const OperationCounts back = reports::counts_of(report, step, Operation::kCompensation);
    text += fmt::format("    c{}_{}[\"{}<br/>{}\"]:::{}\n", number, step, mermaid(each.compensation),
                        mermaid(words_for(back, each)), word_for(shade_of(back)));
    // A path of failures that something was tried on is drawn through, one that nothing was, in dashes.
    text += fmt::format("    a{0}_{1} {2} c{0}_{1}\n", number, step, back.fired > 0 ? "-->" : "-.->");
  }
  return text + "  end\n";
}

// ---- the same as a drawing

constexpr int kBoxWidth = 190;
constexpr int kBoxHeight = 56;
constexpr int kColumn = kBoxWidth + 40;
constexpr int kRow = 130;
constexpr int kTop = 50;
constexpr int kLeft = 20;

std::string_view colour_of(Shade shade) {
  switch (shade) {
    case Shade::kHeld:
      return "#1a7f37";
    case Shade::kPartly:
      return "#9a6700";
    case Shade::kUntried:
      return "#6e7781";
    case Shade::kViolated:
      return "#cf222e";
  }
  return "";
}

std::string box(int x, int y, std::string_view name, const OperationCounts& counts, const Step& step,
                std::string_view condition = {}) {
  const Shade shade = shade_of(counts);
  const std::string shown = xml(reports::fitted(name, 24));
  const std::string words = words_for(counts, step);
  const int lift = condition.empty() ? 0 : 7;  // for a third line
  const std::string third =
      condition.empty()
          ? std::string()
          : fmt::format("    <text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"10\">{}</text>\n",
                        x + kBoxWidth / 2, y + 31, xml(reports::fitted(condition, 34)));
  const std::string title = condition.empty() ? words : fmt::format("{}, {}", condition, words);
  return fmt::format(
      "  <g><title>{0}: {1}</title><rect x=\"{2}\" y=\"{3}\" width=\"{4}\" height=\"{5}\" rx=\"6\" "
      "fill=\"#ffffff\" "
      "stroke=\"{6}\" stroke-width=\"2\"{7}/>\n    <text x=\"{8}\" y=\"{9}\" "
      "text-anchor=\"middle\">{10}</text>\n"
      "{13}    <text x=\"{8}\" y=\"{11}\" text-anchor=\"middle\" font-size=\"11\" "
      "fill=\"{6}\">{12}</text></g>\n",
      xml(name), xml(title), x, y, kBoxWidth, kBoxHeight, colour_of(shade),
      shade == Shade::kUntried ? " stroke-dasharray=\"5 4\"" : "", x + kBoxWidth / 2, y + 23 - lift, shown,
      y + 42 + lift / 2, words, third);
}

std::string arrow(int x1, int y1, int x2, int y2, bool is_covered) {
  return fmt::format(
      "  <line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#57606a\" stroke-width=\"1.5\" "
      "marker-end=\"url(#tip)\"{}/>\n",
      x1, y1, x2, y2, is_covered ? "" : " stroke-dasharray=\"5 4\"");
}

std::string svg_saga(const SagaReport& report, int top) {
  const Saga& saga = report.definition;
  std::string text =
      fmt::format("  <text x=\"{}\" y=\"{}\" font-size=\"16\" font-weight=\"bold\">{}</text>\n", kLeft,
                  top - 16, xml(reports::fitted(reports::subject_name(report), 80)));
  for (StepId step = 0; step < saga.steps.size(); ++step) {
    const Step& each = saga.steps[step];
    const int x = kLeft + step * kColumn;
    const OperationCounts action = reports::counts_of(report, step, Operation::kAction);
    text += box(x, top, action_name(each), action, each, reports::condition_of(each));
    for (const StepId before : predecessors_of(saga, step)) {
      const int from = kLeft + before * kColumn + kBoxWidth;
      // Past steps in between the arrow runs above them.
      if (before + 1 == step) {
        text += arrow(from, top + kBoxHeight / 2, x - 2, top + kBoxHeight / 2, true);
      } else {
        text += fmt::format(
            "  <path d=\"M {} {} C {} {} {} {} {} {}\" fill=\"none\" stroke=\"#57606a\" stroke-width=\"1.5\" "
            "marker-end=\"url(#tip)\"/>\n",
            from, top + 12, from + 30, top - 26, x - 30, top - 26, x - 2, top + 12);
      }
    }
    if (each.compensation.empty()) continue;
    const OperationCounts back = reports::counts_of(report, step, Operation::kCompensation);
    text += box(x, top + kRow - kBoxHeight / 2, each.compensation, back, each);
    text += arrow(x + kBoxWidth / 2, top + kBoxHeight, x + kBoxWidth / 2, top + kRow - kBoxHeight / 2 - 2,
                  back.fired > 0);
  }
  return text;
}

}  // namespace

std::string diagram_mermaid(const Report& report) {
  std::string text = "flowchart LR\n";
  for (std::size_t i = 0; i < report.sagas.size(); ++i) text += mermaid_saga(report.sagas[i], i);
  text +=
      "  classDef held stroke:#1a7f37,stroke-width:2px\n"
      "  classDef partly stroke:#9a6700,stroke-width:2px\n"
      "  classDef untried stroke:#6e7781,stroke-width:2px,stroke-dasharray:5 4\n"
      "  classDef violated stroke:#cf222e,stroke-width:3px\n";
  return text;
}

std::string diagram_svg(const Report& report) {
  constexpr int kPerSaga = kRow + kBoxHeight + 60;
  std::size_t steps = 1;
  for (const SagaReport& saga : report.sagas) steps = std::max(steps, saga.definition.steps.size());
  const int width = kLeft * 2 + static_cast<int>(steps) * kColumn;
  const int height = 20 + std::max(1, static_cast<int>(report.sagas.size())) * kPerSaga;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n  <title>Coverage of failures by "
      "step</title>\n"
      "  <defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" "
      "markerHeight=\"7\" "
      "orient=\"auto\"><path d=\"M 0 0 L 10 5 L 0 10 z\" fill=\"#57606a\"/></marker></defs>\n"
      "  <rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      width, height);
  for (std::size_t i = 0; i < report.sagas.size(); ++i)
    text += svg_saga(report.sagas[i], kTop + static_cast<int>(i) * kPerSaga);
  return text + "</svg>\n";
}

std::string badge_svg(const Report& report) {
  const ExitCode code = exit_code_of(report);
  const CellCounts& counts = report.counts;
  const bool is_good = code == ExitCode::kUpheld || code == ExitCode::kInconclusive;
  const std::optional<int> share = percent(counts.held, counts.denominator);
  const std::string value =
      is_good && share ? fmt::format("{} % held{}", *share, code == ExitCode::kUpheld ? "" : ", inconclusive")
                       : std::string(verdict_word(code));
  const std::string label = "saga failures";
  constexpr int kPerLetter = 7;
  const int left = static_cast<int>(label.size()) * kPerLetter + 12;
  const int right = static_cast<int>(value.size()) * kPerLetter + 12;
  const std::string_view colour = code == ExitCode::kUpheld ? "#1a7f37" : is_good ? "#9a6700" : "#cf222e";
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"20\" role=\"img\" aria-label=\"{1}: "
      "{2}\">\n"
      "  <title>{1}: {2}</title>\n  <rect width=\"{3}\" height=\"20\" fill=\"#3d444d\"/>\n"
      "  <rect x=\"{3}\" width=\"{4}\" height=\"20\" fill=\"{5}\"/>\n"
      "  <g fill=\"#ffffff\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"11\">\n"
      "    <text x=\"{6}\" y=\"14\">{1}</text>\n    <text x=\"{7}\" y=\"14\">{2}</text>\n  </g>\n</svg>\n",
      left + right, label, xml(value), left, right, colour, left / 2, left + right / 2);
}

}  // namespace saga_harness
