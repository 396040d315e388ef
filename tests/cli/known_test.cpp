// Known findings through the command: the same in every output.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kFormats[] = {"terminal", "json", "markdown", "html", "junit", "github"};

json known_at(const std::string& step) {
  return {{"rule", "I1"},       {"step", step},        {"outcome", "compensated"},
          {"reason", "legacy"}, {"owner", "payments"}, {"expires", "2027-01-31"}};
}

std::string scenario_with(const std::string& name, const json& known) {
  const json scenario{{"saga",
                       {{"name", "two"},
                        {"steps",
                         {{{"name", "a"}, {"service", "s"}, {"compensation", "ua"}},
                          {{"name", "b"}, {"service", "t"}, {"compensation", "ub"}}}}}},
                      {"known", known}};
  return write_scratch(name, scenario.dump());
}

std::vector<std::string> search(const std::string& file, const std::string& coordinator,
                                std::vector<std::string> options) {
  std::vector<std::string> arguments{"explore", file, "--coordinator", coordinator};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return arguments;
}

/// Every report of the records, and the gate.
void expect_reports(const std::string& records, const std::string& today, int code, const std::string& text) {
  for (const char* format : kFormats) {
    const Result reported = run({"report", records, "--format", format, "--today", today});
    EXPECT_EQ(reported.exit_code, code) << format << reported.out;
    EXPECT_THAT(unwrapped(reported.out), HasSubstr(text)) << format;
  }
  const Result gate = run({"report", records, "--gate", "--today", today});
  EXPECT_EQ(gate.exit_code, code) << gate.out << gate.err;
}

TEST(KnownTest, OnesAreShownAndNotCountedEverywhere) {
  const std::string file = scenario_with("known.json", {known_at("a"), known_at("b")});
  const std::string records = scratch("known");
  const Result found =
      run(search(file, "ambiguous_not_compensated", {"-k", "1", "--today", "2027-01-31", "--out", records}));
  EXPECT_EQ(found.exit_code, 0) << found.out << found.err;
  EXPECT_THAT(found.out, AllOf(HasSubstr("UPHELD"), HasSubstr("Known findings, not counted"),
                               HasSubstr("plan b.action#1:error_after_effect")));
  const json document = json::parse(read_file(records + "/exploration.json"));
  EXPECT_EQ(document["verdict"], "upheld");
  EXPECT_EQ(document["known"][1]["state"], "shown");
  EXPECT_EQ(document["known"][1]["shown_by"], "b.action#1:error_after_effect");
  expect_reports(records, "2027-01-31", 0, "known and not counted: I1 truthful outcome at b");
  const json report = json::parse(run({"report", records, "--format", "json", "--today", "2027-01-31"}).out);
  EXPECT_EQ(report["sagas"][0]["searches"][0]["known"], document["known"]);
  const Result junit = run({"report", records, "--format", "junit", "--today", "2027-01-31"});
  EXPECT_THAT(junit.out, Not(HasSubstr("<failure")));
}

TEST(KnownTest, OnesThatExpireAreErrorsByTheDayThatIsAskedFor) {
  const std::string file = scenario_with("expired.json", {known_at("a"), known_at("b")});
  const std::string records = scratch("expired");
  const Result late = run(search(file, "ambiguous_not_compensated",
                                 {"-k", "1", "--today", "2027-02-01", "--out", records, "--json"}));
  EXPECT_EQ(late.exit_code, 70) << late.out << late.err;
  EXPECT_EQ(json::parse(late.out)["verdict"], "error");
  expect_reports(records, "2027-02-01", 70, "expired on 2027-01-31; ask payments");
  EXPECT_EQ(run({"report", records, "--today", "2027-01-31"}).exit_code, 0);
  const Result misspelt = run(search(file, "reference", {"-k", "0", "--today", "2027-02-30"}));
  EXPECT_EQ(misspelt.exit_code, 64);
  EXPECT_THAT(misspelt.err, HasSubstr("--today: \"2027-02-30\" is no day"));
}

TEST(KnownTest, HeavyOnesThatShowNoMoreAreErrorsEverywhereAndOfShardsTogether) {
  const std::string file = scenario_with("gone.json", json::array({known_at("b")}));
  const std::string records = scratch("gone");
  const std::string text = "I1 truthful outcome at b, ended compensated shows no more";
  const Result found = run(search(file, "reference", {"--today", "2027-01-01", "--out", records}));
  EXPECT_EQ(found.exit_code, 70) << found.out << found.err;
  EXPECT_THAT(found.out, HasSubstr("ERROR: the known finding " + text));
  expect_reports(records, "2027-01-01", 70, text);
  std::vector<std::string> parts{"report", "--today", "2027-01-01"};
  std::vector<std::string> tallies{"merge", file, "--today", "2027-01-01"};
  for (const char* shard : {"1/2", "2/2"}) {
    const std::string part = scratch("gone-" + std::string(1, shard[0]));
    const Result half =
        run(search(file, "reference",
                   {"--today", "2027-01-01", "--shard", shard, "--out", part, "--tally", part + ".tally"}));
    EXPECT_EQ(half.exit_code, 0) << half.out << half.err;
    parts.push_back(part);
    tallies.push_back(part + ".tally");
  }
  EXPECT_EQ(run(tallies).exit_code, 70);
  const Result together = run(parts);
  EXPECT_EQ(together.exit_code, 70) << together.out;
  EXPECT_THAT(unwrapped(together.out), HasSubstr(text));
}

TEST(KnownTest, OnesThatAreNotWholeAreRefusedWithTheirPlace) {
  json known = known_at("b");
  known["expires"] = "soon";
  Result refused = run(search(scenario_with("soon.json", json::array({known})), "reference", {"-k", "0"}));
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("/known/0"), HasSubstr("\"soon\", which is no day")));
  known = known_at("b");
  known["outcome"] = "compensate";
  refused = run(search(scenario_with("outcome.json", json::array({known})), "reference", {"-k", "0"}));
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("/known/0/outcome"), HasSubstr("compensated")));
}

}  // namespace
}  // namespace saga_harness::cli_tests
