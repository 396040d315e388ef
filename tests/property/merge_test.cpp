#include <gtest/gtest.h>  // before RapidCheck, which uses it without including it

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <saga_harness/harness.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/scenario.hpp>

#include "properties.hpp"

namespace saga_harness {
namespace {

Saga parcel() {
  return {.name = "parcel",
          .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                    {.name = "pay", .service = "bank", .compensation = "refund", .retry = {.attempts = 2}}}};
}

/// The records of a search, or of a shard of one, as text.
std::string searched(const Experiment& experiment, ExploreOptions options) {
  RunRecords records(experiment, options);
  std::string text = records.header();
  options.on_schedule = [&](const Schedule& schedule) { text += records.record(schedule); };
  const Exploration exploration = explore(experiment, options);
  return text + records.end(exploration);
}

/// Records of every fate: shards, other kinds, another coordinator, cut off in the middle, contradictory.
const std::vector<std::string>& all_records() {
  static const std::vector<std::string> kAll = [] {
    const SagaTestHarness harness(parcel());
    Experiment other = harness.experiment();
    other.coordinator_name = "other";
    const ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kReplyLost, FaultKind::kRejected}};
    std::vector<std::string> all;
    for (std::uint32_t shard = 0; shard < 3; ++shard) {
      ExploreOptions part = options;
      part.shard = {shard, 3};
      all.push_back(searched(harness.experiment(), part));
    }
    all.push_back(searched(harness.experiment(), options));
    all.push_back(searched(harness.experiment(), {.max_faults = 1, .kinds = {FaultKind::kCoordinatorCrash}}));
    all.push_back(searched(other, options));
    all.push_back(all[3].substr(0, all[3].rfind("{\"run\":") + 20));
    std::string contradictory = all[3];
    const std::string outcome = "\"outcome\":\"compensated\"";
    contradictory.replace(contradictory.rfind(outcome), outcome.size(), "\"outcome\":\"flagged\"");
    all.push_back(contradictory);
    return all;
  }();
  return kAll;
}

Report merged(const std::vector<std::size_t>& chosen) {
  std::vector<RecordText> texts;
  for (const std::size_t each : chosen) texts.push_back({"records", all_records()[each]});
  return merge_records(texts);
}

rc::Gen<std::vector<std::size_t>> choice() {
  constexpr int kMost = 6;
  return rc::gen::resize(kMost, rc::gen::container<std::vector<std::size_t>>(
                                    rc::gen::inRange<std::size_t>(0, all_records().size())));
}

RC_GTEST_PROP(MergeTest, IsCommutative, ()) {
  const std::vector<std::size_t> chosen = *choice();
  std::vector<std::size_t> other = chosen;
  for (std::size_t i = other.size(); i > 1; --i)
    std::swap(other[i - 1], other[*rc::gen::inRange<std::size_t>(0, i)]);
  RC_ASSERT(report_json(merged(chosen)) == report_json(merged(other)));
}

RC_GTEST_PROP(MergeTest, HeavyIsIdempotent, ()) {
  std::vector<std::size_t> chosen = *choice();
  const std::string once = report_json(merged(chosen));
  const std::vector<std::size_t> again = chosen;
  chosen.insert(chosen.end(), again.begin(), again.end());
  RC_ASSERT(once == report_json(merged(chosen)));
}

/// Files put one behind the other are those files, merged.
RC_GTEST_PROP(MergeTest, HeavyIsAssociative, ()) {
  std::vector<std::size_t> chosen = *choice();
  std::erase(chosen, std::size_t{6});  // cut off in the middle of a line: nothing can stand behind it
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, chosen.size() + 1);
  std::string first;
  std::string second;
  for (std::size_t i = 0; i < chosen.size(); ++i) (i < cut ? first : second) += all_records()[chosen[i]];
  const std::vector<RecordText> texts{{"first", first}, {"second", second}};
  RC_ASSERT(report_json(merge_records(texts)) == report_json(merged(chosen)));
}

TEST(MergeTest, ShardsAreTheWhole) {
  Report shards = merged({0, 1, 2});
  Report whole = merged({3});
  ASSERT_EQ(shards.sagas.size(), 1U);
  EXPECT_TRUE(shards.sagas[0].searches[0].exhausted);
  EXPECT_EQ(shards.sagas[0].searches[0].shards, 3);
  shards.sagas[0].searches = whole.sagas[0].searches;
  EXPECT_EQ(report_json(shards), report_json(whole));
}

TEST(MergeTest, AMissingShardAndACutOffFileAreIncomplete) {
  EXPECT_EQ(merged({0, 2}).incomplete.size(), 1U);
  EXPECT_EQ(exit_code_of(merged({0, 2})), ExitCode::kInconclusive);
  EXPECT_EQ(merged({6}).incomplete.size(), 1U);
  EXPECT_TRUE(merged({6, 3}).incomplete.empty()) << "it was run again";
  EXPECT_TRUE(merged({0, 2, 3}).incomplete.empty()) << "the whole has what the shard would have";
}

TEST(MergeTest, ACutOffHeaderIsIncompleteWhateverElseIsThere) {
  const std::string cut = all_records()[3].substr(0, 200);
  const std::vector<RecordText> texts{{"cut.jsonl", cut}, {"whole.jsonl", all_records()[3]}};
  const Report report = merge_records(texts);
  ASSERT_EQ(report.incomplete.size(), 1U);
  EXPECT_EQ(report.incomplete[0].substr(0, 12), "cut.jsonl:1:");
  EXPECT_EQ(report.runs, merged({3}).runs);
  EXPECT_EQ(exit_code_of(report), ExitCode::kInconclusive);
}

TEST(MergeTest, TheSameRunWithAnotherOutcomeIsAContradiction) {
  const Report report = merged({3, 7});
  ASSERT_EQ(report.contradictions.size(), 1U);
  EXPECT_EQ(report.contradictions[0].outcomes, (std::vector{Outcome::kCompensated, Outcome::kFlagged}));
  EXPECT_EQ(report.runs + 1, merged({3}).runs) << "it is in no count";
  EXPECT_EQ(exit_code_of(report), ExitCode::kInternal);
}

/// Those of a coordinator that finds a lost reply as good as none.
std::string found(ExploreOptions options) {
  static const SagaTestHarness kHarness(parcel());
  static const Experiment kFaulty = [] {
    Experiment experiment = kHarness.experiment();
    experiment.setup.coordinator = orchestrator(OrchestratorBug::kAmbiguousNotCompensated);
    experiment.coordinator_name = "ambiguous_not_compensated";
    return experiment;
  }();
  return searched(kFaulty, std::move(options));
}

TEST(MergeTest, EveryCellToBlameHasARunThatShowsIt) {
  const std::string text = found({.max_faults = 2});
  const std::vector<RecordText> texts{{"records", text}};
  const SagaReport saga = merge_records(texts).sagas.front();
  std::size_t to_blame = 0;
  for (const ReportCell& cell : saga.cells) {
    EXPECT_EQ(cell.example.has_value(), cell.violated > 0) << cell.name;
    if (!cell.example) continue;
    ++to_blame;
    const ReportFinding& example = saga.examples[*cell.example];
    EXPECT_EQ(example.faults, cell.runs.front().faults) << cell.name;
    EXPECT_TRUE(example.has_trace);
    EXPECT_EQ(example.command, "harness.replay(\"" + example.token + "\")");
    const FaultPlan plan = parse_plan(example.plan);
    EXPECT_TRUE(std::ranges::any_of(plan.faults,
                                    [&](const Fault& fault) {
                                      return cell.name.ends_with(name_of(fault.kind)) &&
                                             saga.definition.steps[cell.step].name == fault.step;
                                    }))
        << cell.name << " is not in " << example.plan;
  }
  EXPECT_GT(to_blame, 20U);
  std::size_t traces = 0;
  for (std::size_t at = 0; (at = text.find("{\"finding\":", at)) != std::string::npos; ++at) ++traces;
  EXPECT_LE(traces, to_blame + saga.findings.size()) << "no run is told in full twice for the same cells";
}

TEST(MergeTest, ShardsShowTheSameCellsToBeToBlame) {
  const ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kReplyLost, FaultKind::kReplyLate}};
  const std::string whole = found(options);
  std::vector<std::string> shards;
  for (std::uint32_t shard = 0; shard < 3; ++shard) {
    ExploreOptions part = options;
    part.shard = {shard, 3};
    shards.push_back(found(part));
  }
  const std::vector<RecordText> one{{"whole", whole}};
  const std::vector<RecordText> three{{"2", shards[2]}, {"0", shards[0]}, {"1", shards[1]}};
  const SagaReport a = merge_records(one).sagas.front();
  const SagaReport b = merge_records(three).sagas.front();
  for (std::size_t i = 0; i < a.cells.size(); ++i)
    EXPECT_EQ(a.cells[i].example.has_value(), b.cells[i].example.has_value()) << a.cells[i].name;
  EXPECT_FALSE(a.examples.empty());
}

TEST(MergeTest, AnotherDefinitionOfTheSameSagaIsRefused) {
  Saga changed = parcel();
  changed.steps[1].retry.attempts = 3;
  const SagaTestHarness harness(changed);
  const std::string text = searched(harness.experiment(), {.max_faults = 0});
  const std::vector<RecordText> texts{{"a.jsonl", all_records()[3]}, {"b.jsonl", text}};
  try {
    static_cast<void>(merge_records(texts));
    FAIL() << "was merged";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("b.jsonl:1: "), std::string::npos) << error.what();
    EXPECT_EQ(error.kind(), ErrorKind::kMisuse);
  }
}

TEST(MergeTest, WhatIsNoRecordIsRefusedWithItsLine) {
  for (const std::string& text :
       {std::string("nonsense\n"), std::string("{\"run\":1}\n"), std::string("{\"format\":\"other/1\"}\n"),
        all_records()[3] + "[]\n",
        all_records()[4].substr(0, all_records()[4].find('\n') + 1) + "{\"run\":\"1\"}\n"}) {
    const std::vector<RecordText> texts{{"bad.jsonl", text}};
    try {
      static_cast<void>(merge_records(texts));
      FAIL() << text.substr(0, 100);
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, 10), "bad.jsonl:") << error.what();
    }
  }
}

}  // namespace
}  // namespace saga_harness
