#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::xml;

/// One test suite, counted while it is written.
class Suite {
 public:
  Suite(std::string name, std::string file) : name_(std::move(name)), file_(std::move(file)) {}

  void pass(std::string_view owner, std::string_view name) { text_ += open(owner, name) + "/>\n"; }
  void fail(std::string_view owner, std::string_view name, std::string_view type, std::string_view message,
            std::string_view body) {
    ++failures_;
    text_ += fmt::format("{}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                         open(owner, name), xml(type), xml(message), xml(body, 20'000));
  }
  void error(std::string_view owner, std::string_view name, std::string_view message) {
    ++errors_;
    text_ += fmt::format("{0}>\n      <error type=\"records\" message=\"{1}\">{1}</error>\n    </testcase>\n",
                         open(owner, name), xml(message));
  }
  void skip(std::string_view owner, std::string_view name, std::string_view message) {
    ++skipped_;
    text_ += fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", open(owner, name),
                         xml(message));
  }

  [[nodiscard]] std::string text() const {
    return fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  "
        "</testsuite>\n",
        xml(name_), tests_, failures_, errors_, skipped_, text_);
  }
  [[nodiscard]] std::size_t tests() const { return tests_; }
  [[nodiscard]] std::size_t failures() const { return failures_; }
  [[nodiscard]] std::size_t errors() const { return errors_; }

 private:
  [[nodiscard]] std::string open(std::string_view owner, std::string_view name) {
    ++tests_;
    std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(owner), xml(name));
    if (!file_.empty()) text += fmt::format(" file=\"{}\"", xml(file_));
    return text;
  }

  std::string name_;
  std::string file_;  // empty: the dialect has none
  std::string text_;
  std::size_t tests_ = 0;
  std::size_t failures_ = 0;
  std::size_t errors_ = 0;
  std::size_t skipped_ = 0;
};

std::string samples_text(const ReportCell& cell, const SagaReport& saga) {
  std::string text = fmt::format("{}\n", reports::why(cell, saga));
  for (const RunSample& sample : cell.runs) {
    if (!sample.blamed) continue;
    text += fmt::format("{} under {}", name_of(sample.outcome), sample.plan);
    for (const std::size_t invariant : sample.violated)
      text += fmt::format(", against {}", reports::rule_name(saga.invariants[invariant]));
    text += '\n';
  }
  return text;
}

void add_cells(const SagaReport& saga, const std::string& owner, Suite& suite) {
  for (const ReportCell& cell : saga.cells) {
    const std::size_t at = cell.name.rfind('@');
    const std::string place = owner + "." + cell.name.substr(0, at);
    const std::string name = cell.name.substr(at + 1);
    switch (cell.status) {
      case CellStatus::kHeld:
        suite.pass(place, name);
        break;
      case CellStatus::kViolated:
        suite.fail(place, name, "violated", reports::why(cell, saga), samples_text(cell, saga));
        break;
      case CellStatus::kVacuous:
      case CellStatus::kNotFired:
      case CellStatus::kNotReached:
      case CellStatus::kExcluded:
      case CellStatus::kUnreachable:
        suite.skip(place, name, fmt::format("{}: {}", name_of(cell.status), reports::why(cell, saga)));
        break;
    }
  }
  for (const ReportCell& cell : saga.undeclared)
    suite.error(owner + ".undeclared", cell.name, "met, but not foreseen by the definition");
}

void add_rules(const SagaReport& saga, const std::string& owner, Suite& suite) {
  for (std::size_t i = 0; i < saga.invariants.size(); ++i) {
    const ReportInvariant& invariant = saga.invariants[i];
    const std::string name = reports::rule_name(invariant);
    std::string message;
    std::string body;
    for (const ReportFinding& finding : saga.findings) {
      if (finding.invariant != i) continue;
      if (message.empty()) message = finding.explanation;
      const std::string notes = reports::notes_of(finding);
      body +=
          fmt::format("{}: {}\n{}{}plan: {}\nrepeat: {}\n", reports::title_of(finding, saga),
                      finding.explanation, notes, notes.empty() ? "" : "\n", finding.plan, finding.command);
    }
    if (!body.empty()) {
      suite.fail(owner + ".rules", name, invariant.id, message, body);
    } else if (invariant.status == VerdictStatus::kHeld) {
      suite.pass(owner + ".rules", name);
    } else if (!invariant.switched_off.empty()) {
      suite.skip(owner + ".rules", name, "switched off: " + invariant.switched_off);
    } else {
      suite.skip(owner + ".rules", name, name_of(invariant.status));
    }
  }
}

/// What is good to know beside the verdict changes nothing about it: it is no failure.
void add_notes(const SagaReport& saga, const std::string& owner, Suite& suite) {
  for (const ReportSearch& search : saga.searches) {
    for (const std::string& note : search.notes) suite.skip(owner + ".notes", note, note);
  }
}

void add_study(const Study& study, Suite& suite) {
  const std::string owner = "saga_harness.studies";
  std::string body;
  std::string message;
  for (const StudyFinding& finding : study.findings) {
    if (message.empty()) message = reports::title_of(finding);
    body += fmt::format("{}: {}\nplan: {}\nrepeat: {}\n", reports::title_of(finding), finding.explanation,
                        finding.plan, finding.command);
  }
  for (const std::string& missed : study.missed) {
    if (message.empty()) message = missed + " survived";
    body += missed + " survived\n";
  }
  if (!body.empty()) {
    suite.fail(owner, study.name, name_of(study.kind), message, body);
  } else if (exit_code_of(study) == ExitCode::kUpheld) {
    suite.pass(owner, study.name);
  } else {
    suite.skip(owner, study.name, verdict_word(exit_code_of(study)));  // why, is among the records' errors
  }
}

void add_records(const Report& report, Suite& suite) {
  for (const std::string& error : report.errors) suite.error("saga_harness.records", error, error);
  for (const std::string& reason : report.incomplete) suite.error("saga_harness.records", reason, reason);
  for (const std::string& doubt : doubts_of(report)) suite.error("saga_harness.records", doubt, doubt);
  for (const Contradiction& each : report.contradictions)
    suite.error("saga_harness.records", "run " + each.run, "not deterministic: " + each.plan);
  if (suite.tests() == 0) suite.pass("saga_harness.records", "complete");
}

}  // namespace

std::string junit_report(const Report& report, JUnitDialect dialect) {
  std::vector<Suite> suites;
  for (const SagaReport& saga : report.sagas) {
    const std::string owner = "saga_harness." + reports::subject_name(saga);
    const bool has_files = dialect != JUnitDialect::kJenkins;
    Suite& suite = suites.emplace_back(owner, has_files ? saga.source : std::string());
    add_cells(saga, owner, suite);
    add_rules(saga, owner, suite);
    add_notes(saga, owner, suite);
  }
  for (const Study& study : report.studies) {
    const bool has_files = dialect != JUnitDialect::kJenkins;
    add_study(study,
              suites.emplace_back("saga_harness." + study.name, has_files ? study.source : std::string()));
  }
  add_records(report, suites.emplace_back("saga_harness.records", ""));
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::string text;
  for (const Suite& suite : suites) {
    tests += suite.tests();
    failures += suite.failures();
    errors += suite.errors();
    text += suite.text();
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"saga_harness\" tests=\"{}\" "
      "failures=\"{}\" "
      "errors=\"{}\">\n{}</testsuites>\n",
      tests, failures, errors, text);
}

}  // namespace saga_harness
