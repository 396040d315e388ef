#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/harness.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/run_records.hpp>

namespace saga_harness {
namespace {

using namespace std::string_literals;

const std::string kHostileName = "</script>]]>\xe2\x80\xa8|;";           // what a step may be called
const std::string kHostile = "\xff\xc0\xaf\0\x1b[31m#"s + kHostileName;  // what a program may say

/// A coordinator that says what it did not do, with a message that is no text.
void lie(Runtime& runtime) {
  Request request;
  const std::string step = "a" + kHostileName;
  const std::string service = "service" + kHostileName;
  const std::string action = "do" + kHostileName;
  request.step = step;
  request.service = service;
  request.action = action;
  static_cast<void>(runtime.call(request));
  throw std::runtime_error("error " + kHostile);
}

Report hostile_report() {
  Saga saga{.name = "saga" + kHostileName,
            .steps = {{.name = "a" + kHostileName,
                       .service = "service" + kHostileName,
                       .action = "do" + kHostileName,
                       .compensation = "undo" + kHostileName}}};
  SagaTestHarness harness(saga);
  harness.use_coordinator(lie);
  Experiment experiment = harness.experiment();
  experiment.source = "source" + kHostile;
  experiment.coordinator_name = "mine" + kHostile;
  ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kReplyLost, FaultKind::kRejected}};
  RunRecords records(experiment, options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration exploration = explore(experiment, options);
  text += records.end(exploration);
  const std::vector<RecordText> texts{{"records", text}};
  return merge_records(texts);
}

/// Is it UTF-8, without control characters but line ends?
bool is_plain(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\n') return false;
    std::size_t more = byte < 0x80                   ? 0
                       : byte >= 0xC2 && byte < 0xE0 ? 1
                       : byte >= 0xE0 && byte < 0xF0 ? 2
                                                     : 3;
    if (byte >= 0x80 && (byte < 0xC2 || byte > 0xF4)) return false;
    for (++i; more > 0; --more, ++i) {
      if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return false;
    }
  }
  return true;
}

TEST(HostileReportTest, EveryWriterTakesBytesThatAreNoText) {
  const Report report = hostile_report();
  ASSERT_EQ(report.sagas.size(), 1U);
  ASSERT_FALSE(report.sagas[0].findings.empty());
  const Gate gate = judge_gate(report, {.min_held = 100});
  const SagaReport& saga = report.sagas[0];
  const std::vector<std::pair<const char*, std::string>> outputs{
      {"json", report_json(report)},
      {"terminal", terminal_report(report, &gate, {})},
      {"markdown", markdown_report(report, &gate)},
      {"html", html_report(report, &gate)},
      {"junit", junit_report(report, JUnitDialect::kGitLab)},
      {"github", github_report(report, &gate)},
      {"timeline", timeline_report(report)},
      {"diagram", diagram_mermaid(report)},
      {"svg", diagram_svg(report)},
      {"badge", badge_svg(report)},
      {"sequence", sequence_mermaid(saga, saga.findings[0], 40'000)},
      {"drawing", sequence_svg(saga, saga.findings[0], 400)}};
  for (const auto& [name, text] : outputs) {
    EXPECT_TRUE(is_plain(text)) << name;
    if (text.front() == '<') {
      EXPECT_EQ(text.find("</script>]]"), std::string::npos) << name;
    }
  }
  EXPECT_NE(terminal_report(report, &gate, {}).find("\\x00\\x1b[31m"), std::string::npos) << "it is shown";
}

}  // namespace
}  // namespace saga_harness
