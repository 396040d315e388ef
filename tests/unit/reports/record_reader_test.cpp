// Records that contradict themselves.

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/run_records.hpp>

namespace saga_harness::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Records of a coordinator with a bug, line by line: a header, runs and findings, an end.
std::vector<std::string> violated_records() {
  static const std::vector<std::string> kLines = [] {
    Experiment experiment;
    experiment.setup.saga = std::make_shared<const SagaIndex>(
        Saga{.name = "parcel",
             .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                       {.name = "pay", .service = "bank", .compensation = "refund"}}});
    experiment.setup.coordinator = orchestrator(OrchestratorBug::kAmbiguousNotCompensated);
    for (const char* service : {"stock", "bank"}) experiment.setup.participants[service] = ledger_fake();
    ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kReplyLost}};
    RunRecords records(experiment, options);
    std::string text = records.header();
    options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
    text += records.end(explore(experiment, options));
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
    return lines;
  }();
  return kLines;
}

std::size_t place_of(const std::vector<std::string>& lines, const std::string& part) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find(part) != std::string::npos) return i;
  }
  throw Error("no line has " + part);
}

void replace(std::string& line, const std::string& old, const std::string& by) {
  const std::size_t at = line.find(old);
  if (at == std::string::npos) throw Error("there is no " + old + " in " + line);
  line.replace(at, old.size(), by);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

std::string refusal_of(const std::string& text) {
  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  try {
    static_cast<void>(merge_records(texts));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kMisuse);
    return error.what();
  }
  return "was read";
}

const std::string kViolatedRun = "\"violated\":[[";

TEST(RecordReaderTest, ReadsWhatWasWritten) {
  const std::string text = joined(violated_records());
  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  const Report report = merge_records(texts);
  EXPECT_GT(report.findings, 0U);
  EXPECT_EQ(exit_code_of(report), ExitCode::kViolated);
}

TEST(RecordReaderTest, ReadsRecordsOfTheFormatBefore) {
  std::vector<std::string> lines = violated_records();
  replace(lines.front(), "saga_harness.runs/3", "saga_harness.runs/2");
  replace(lines.front(), ",\"target\":\"\"", "");
  std::string& end = lines.back();
  end = end.substr(0, end.find(",\"violated_runs\"")) + "}\n";
  const std::string text = joined(lines);
  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  EXPECT_EQ(exit_code_of(merge_records(texts)), ExitCode::kViolated);
}

TEST(RecordReaderTest, RefusesALineThatContradictsItself) {
  const struct {
    const char* what;
    std::function<void(std::string&)> damage;
    const char* message;
  } kCases[] = {
      {"a violation is missing",
       [](std::string& run) {
         const std::size_t from = run.find(",\"violated\"");
         run.erase(from, run.find("]]", from) + 2 - from);
       },
       "is marked violated by rule number 0, but its violation is missing"},
      {"a mark is missing", [](std::string& run) { replace(run, "\"rules\":\"v", "\"rules\":\"h"); },
       "has a violation of rule number 0, which is not marked violated"},
      {"a violation is there twice",
       [](std::string& run) { replace(run, kViolatedRun, kViolatedRun + "0,0],["); }, "is there twice"},
      {"no plan for so many faults", [](std::string& run) { replace(run, "\"faults\":1", "\"faults\":0"); },
       "there are 0 faults, but the plan is"}};
  for (const auto& [what, damage, message] : kCases) {
    SCOPED_TRACE(what);
    std::vector<std::string> lines = violated_records();
    const std::size_t at = place_of(lines, kViolatedRun);
    damage(lines[at]);
    EXPECT_THAT(refusal_of(joined(lines)), AllOf(HasSubstr("runs.jsonl:" + std::to_string(at + 1) + ": /"),
                                                 HasSubstr(message), HasSubstr("written anew")));
  }
}

TEST(RecordReaderTest, RefusesBlameWithoutAViolation) {
  std::vector<std::string> lines = violated_records();
  std::string& run = lines[place_of(lines, "\"plan\":\"none\"")];
  replace(run, ",\"reached\"", ",\"blamed\":true,\"reached\"");
  EXPECT_THAT(refusal_of(joined(lines)), HasSubstr("faults are to blame, but nothing is violated"));
}

TEST(RecordReaderTest, RefusesAnEndThatIsNotWhatStandsBeforeIt) {
  std::vector<std::string> lines = violated_records();
  std::string& end = lines.back();
  const std::size_t at = end.find(",\"violated_runs\":\"");
  end.insert(at + 18, "9");
  EXPECT_THAT(refusal_of(joined(lines)), HasSubstr("runs were violated"));
  end.erase(at, end.find('"', at + 18) + 1 - at);
  EXPECT_THAT(refusal_of(joined(lines)), HasSubstr("does not say how many runs were violated"));
}

TEST(RecordReaderTest, RefusesAViolationWithoutItsFindingAndAFindingWithoutItsRun) {
  std::vector<std::string> lines = violated_records();
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("{\"finding\""); });
  EXPECT_THAT(refusal_of(joined(lines)), HasSubstr("findings, 0 are recorded"));
  std::string& end = lines.back();
  const std::size_t from = end.find(",\"findings\"");
  end.erase(from, end.find(",\"runs\"") - from);  // as records ended before
  EXPECT_THAT(refusal_of(joined(lines)), HasSubstr("runs violate truthful outcome at "));

  lines = violated_records();
  const std::size_t at = place_of(lines, "{\"finding\"");
  std::string other = lines[at];
  replace(other, "\"rule\":0", "\"rule\":4");
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), other);
  EXPECT_THAT(refusal_of(joined(lines)), HasSubstr("a finding shows at most once at "));
}

TEST(RecordReaderTest, ShowsWhatElseAnEventCarries) {
  std::vector<std::string> lines = violated_records();
  for (std::string& line : lines) {
    if (line.starts_with("{\"finding\""))
      replace(line, "\"trace\":[{", "\"trace\":[{\"input\":{\"amount\":5,\"to\":[\"C-1\"]},");
  }
  const std::string text = joined(lines);
  const std::vector<RecordText> texts{{"runs.jsonl", text}};
  const Report report = merge_records(texts);
  const ReportFinding& read = report.sagas.at(0).findings.at(0);
  EXPECT_EQ(read.trace.at(0).detail("input"), "{\"amount\":5,\"to\":[\"C-1\"]}");
}

// A rule that is added stands before those without a number: what older records say stays what it was.
TEST(RecordReaderTest, RulesAreKnownByTheirNamesAndNotByTheirPlaces) {
  const auto names_of = [](const std::string& rules) {
    std::vector<std::string> lines = violated_records();
    const std::size_t at = lines.at(0).find("\"rules\":[");
    const std::size_t end = lines[0].find(']', at) + 1;
    lines[0].replace(at, end - at, "\"rules\":" + rules);
    lines.resize(1);
    const std::string text = joined(lines);
    const std::vector<RecordText> records{{"runs.jsonl", text}};
    std::vector<std::string> names;
    const Report report = merge_records(records);
    for (const ReportInvariant& each : report.sagas.at(0).invariants) names.push_back(each.id);
    return names;
  };
  EXPECT_THAT(names_of(R"(["I5","compensated though nothing failed","I1"])"),
              testing::ElementsAre("I5", "compensated though nothing failed", "I1"));
  EXPECT_THAT(names_of("2"), testing::ElementsAre("I1", "I2"));
  const std::vector<std::string> all = names_of("25");
  ASSERT_EQ(all.size(), 25U);
  EXPECT_EQ(all[22], "I24");
  EXPECT_EQ(all[23], "refused though nothing failed");
  EXPECT_EQ(all[24], "compensated though nothing failed");
  EXPECT_THAT([&] { static_cast<void>(names_of(R"(["I99"])")); },
              testing::ThrowsMessage<Error>(HasSubstr("there is no such rule")));
}

}  // namespace
}  // namespace saga_harness::reports
