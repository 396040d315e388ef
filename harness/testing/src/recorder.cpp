#include "recorder.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/exit_code.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness/test_recording.hpp>
#include <saga_harness/test_records.hpp>
#include <saga_harness_internal/day.hpp>
#include <saga_harness_internal/output_file.hpp>
#include <saga_harness_internal/skipped.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostCellsOfATest = 100;
constexpr int kExitCodeOfLostOutput = static_cast<int>(ExitCode::kInternal);

[[noreturn]] void fail(const std::string& path, int error) {
  throw Error(
      ErrorText{.message = "cannot write records to " + path + ": " + std::generic_category().message(error),
                .fix = "fix SAGA_HARNESS_RECORDS or record_runs_to()"});
}

/// `Suite.Test`, without what makes it one of many by parameters.
std::string current_test() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return "outside of tests";
  std::string suite = test->test_suite_name();
  std::string name = test->name();
  if (test->value_param() != nullptr) {
    suite = suite.substr(suite.find('/') == std::string::npos ? 0 : suite.find('/') + 1);
    name = name.substr(0, name.find('/'));
  }
  if (test->type_param() != nullptr) suite = suite.substr(0, suite.find('/'));
  return suite + "." + name;
}

std::string program_name() {
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  return failure ? "tests" : program.filename().string();
}

RecordOrigin origin_of(const Experiment& experiment) {
  const bool is_nameless =
      experiment.coordinator_name == internal::kCustom || experiment.participant_name == internal::kCustom;
  return {.tests = true, .scope = is_nameless ? current_test() : std::string()};
}

constexpr const char* kLimitVariable = "SAGA_HARNESS_OUT_LIMIT";

/// Bytes that a file of records may have.
std::uint64_t output_limit() {
  const char* text = std::getenv(kLimitVariable);
  if (text == nullptr || *text == '\0') return internal::kUsualOutputLimit;
  const std::string_view digits = text;
  std::uint64_t limit = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), limit);
  if (error == std::errc() && end == digits.data() + digits.size()) return limit;
  throw Error(ErrorText{.source = kLimitVariable,
                        .message = internal::in_quotes(digits) + " is no number of bytes",
                        .fix = "write e.g. 500000000"});
}

/// A file that no other process writes.
internal::OutputFile record_file(const std::string& stem) {
  for (int attempt = 1;; ++attempt) {
    std::string path = stem + (attempt == 1 ? "" : "-" + std::to_string(attempt)) + ".runs.jsonl";
    if (fs::exists(path)) continue;  // of an earlier process of that number
    return internal::OutputFile(std::move(path), internal::OutputFile::Start::kNew, output_limit());
  }
}

/// Where a failure of a test would come too late. Nothing of what ran is called complete.
[[noreturn]] void leave_without_records(const internal::OutputLost& lost) {
  std::fflush(nullptr);
  static_cast<void>(internal::write_fully(STDERR_FILENO, "saga-harness: " + std::string(lost.what()) + "\n"));
  ::_exit(kExitCodeOfLostOutput);
}

/// The stem of a file in `directory` that says which program and process it is of.
std::string stem_in(const std::string& directory, pid_t process) {
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) fail(directory, failure.value());
  return (fs::path(directory) / (program_name() + "-" + std::to_string(process))).string();
}

/// Writes down which tests there are, and how those that run end. A program that is killed leaves no end.
class TestListener : public testing::EmptyTestEventListener {
 public:
  explicit TestListener(std::string directory) : directory_(std::move(directory)) {}

  void OnTestProgramStart(const testing::UnitTest& program) override {
    if (testing::internal::InDeathTestChild()) return;  // a part of a test of the program that has begun it
    file_.emplace(record_file(stem_in(directory_, ::getpid()) + "-tests"));
    std::vector<std::string> tests;
    for (int suite = 0; suite < program.total_test_suite_count(); ++suite) {
      const testing::TestSuite& each = *program.GetTestSuite(suite);
      for (int test = 0; test < each.total_test_count(); ++test) {
        const std::string name = full_name(*each.GetTestInfo(test));
        if (name.find("DISABLED_") == std::string::npos) tests.push_back(name);
      }
    }
    note(tests_header(program_name(), tests));
  }
  void OnTestStart(const testing::TestInfo& test) override { note(test_began(full_name(test))); }
  void OnTestEnd(const testing::TestInfo& test) override {
    const testing::TestResult& seen = *test.result();
    const TestResult result = seen.Failed()    ? TestResult::kFailed
                              : seen.Skipped() ? TestResult::kSkipped
                                               : TestResult::kPassed;
    note(test_ended(full_name(test), result));
  }
  void OnTestProgramEnd(const testing::UnitTest& program) override try {
    const bool failed_outside = program.ad_hoc_test_result().Failed();
    if (failed_outside) note(test_ended("what is set up for all tests", TestResult::kFailed));
    note(tests_end());
    if (lost_) throw *lost_;
    if (file_) file_->close();
  } catch (const internal::OutputLost& lost) {
    leave_without_records(lost);
  }

 private:
  // The tests go on, but this one fails, and the file has no end.
  void note(std::string_view record) {
    try {
      if (file_ && !lost_) file_->write(record);
    } catch (const internal::OutputLost& lost) {
      lost_ = lost;
      ADD_FAILURE() << lost.what();
    }
  }

  static std::string full_name(const testing::TestInfo& test) {
    return std::string(test.test_suite_name()) + "." + test.name();
  }

  std::string directory_;
  std::optional<internal::OutputFile> file_;
  std::optional<internal::OutputLost> lost_;
};

/// gtest knows its listeners before it begins, so this is done before main() where it can be.
void listen_for_tests(const std::string& directory) {
  static bool is_listening = false;
  if (!std::exchange(is_listening, true))
    testing::UnitTest::GetInstance()->listeners().Append(new TestListener(directory));
}

[[maybe_unused]] const bool kListensFromTheStart = [] {
  const char* directory = std::getenv("SAGA_HARNESS_RECORDS");
  if (directory != nullptr && *directory != '\0') listen_for_tests(directory);
  return true;
}();

/// All records of this process: for every subject a file of its single runs, for every search a file.
class Recorder {
 public:
  static Recorder& get() {
    static Recorder recorder;
    return recorder;
  }

  Recorder() {
    const char* directory = std::getenv("SAGA_HARNESS_RECORDS");
    if (directory != nullptr) directory_ = directory;
  }
  ~Recorder() {
    if (::getpid() != process_) {
      abandon();
      return;
    }
    for (auto& [id, single] : singles_) {
      try {
        single->file.write(single->records.end());
        single->file.close();
      } catch (const internal::OutputLost& lost) {
        leave_without_records(lost);
      }
    }
    if (lost_) leave_without_records(*lost_);
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void write_to(std::string directory) {
    directory_ = std::move(directory);
    listen_for_tests(directory_);
  }
  [[nodiscard]] bool is_on() const { return !directory_.empty(); }

  void add(const Experiment& experiment, const Run& run, const Context& start_context) {
    notice_fork();
    RecordOrigin origin = origin_of(experiment);
    // Runs that skip other steps have other cells.
    Experiment started = experiment;
    if (start_context != Context()) started.setup.context = origin.context = start_context;
    std::vector<std::uint8_t> skipped = internal::skipped_in(*experiment.setup.saga, started);
    std::unique_ptr<Single>& single = singles_[{subject_id(experiment, origin), std::move(skipped)}];
    if (!single) {
      single = std::make_unique<Single>(experiment, origin, stem(experiment, origin));
      single->file.write(single->records.header());
    }
    const bool is_default = start_context == Context();
    single->file.write(single->records.record(run, is_default ? experiment.setup.context : start_context));
    for (const Fault& fault : run.fired.faults) add_cell(fault, *experiment.setup.saga);
  }

  Exploration explore(const Experiment& experiment, ExploreOptions options, const internal::Replay& replay) {
    notice_fork();
    const RecordOrigin origin = origin_of(experiment);
    RunRecords records(experiment, options, origin);
    internal::OutputFile file =
        record_file(stem(experiment, origin) + "-search-" + std::to_string(++searches_));
    try {
      file.write(records.header());
    } catch (const internal::OutputLost& lost) {
      lost_ = lost;
      throw;
    }
    options.workers = 1;
    options.prune = false;  // a record of every run is wanted, and nothing else differs
    options.on_schedule = [&, also = options.on_schedule](const Schedule& schedule) {
      file.write(records.record(schedule));
      if (also) also(schedule);
    };
    Exploration exploration = saga_harness::explore(experiment, options);
    replay(exploration);
    try {
      file.write(records.end(exploration));
      file.close();
    } catch (const internal::OutputLost& lost) {
      lost_ = lost;
      exploration.verdict.error = lost.what();
    }
    note_search(exploration);
    return exploration;
  }

 private:
  struct Single {
    Single(const Experiment& of, const RecordOrigin& origin, const std::string& stem)
        : experiment(of), records(experiment, origin), file(record_file(stem)) {}
    Experiment experiment;
    RunRecords records;
    internal::OutputFile file;
  };

  [[nodiscard]] std::string stem(const Experiment& experiment, const RecordOrigin& origin) {
    return stem_in(directory_, process_) + "-" + hash_text(subject_id(experiment, origin));
  }

  // A death test runs in a copy of this process: it must not write to the files of the original.
  void notice_fork() {
    if (::getpid() == process_) return;
    abandon();
    process_ = ::getpid();
  }

  void abandon() {
    for (auto& [id, single] : singles_) {
      single->file.abandon();
      static_cast<void>(single.release());
    }
    singles_.clear();
  }

  void begin_test() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    if (std::exchange(test_, test) != test) cells_.clear();
  }

  void add_cell(const Fault& fault, const SagaIndex& saga) {
    begin_test();
    if (test_ == nullptr || cells_.size() >= kMostCellsOfATest) return;
    const Point point = point_of(fault, saga);
    const bool is_new = cells_
                            .insert(cell_name({.step = point.step,
                                               .operation = point.operation,
                                               .instant = phase_of(point.instant),
                                               .kind = fault.kind},
                                              saga))
                            .second;
    if (!is_new) return;
    std::string names;
    for (const std::string& cell : cells_) names += (names.empty() ? "" : " ") + cell;
    if (cells_.size() == kMostCellsOfATest) names += " ...";
    testing::Test::RecordProperty("saga_cells", names);
  }

  void note_search(const Exploration& exploration) {
    begin_test();
    if (test_ == nullptr) return;
    std::uint64_t fired = 0;
    for (const Cell& cell : exploration.cells) fired += cell.fired > 0 ? 1 : 0;
    testing::Test::RecordProperty("saga_cells_explored",
                                  std::to_string(fired) + " of " + std::to_string(exploration.cells.size()));
  }

  std::string directory_;
  pid_t process_ = ::getpid();
  std::map<std::pair<std::uint64_t, std::vector<std::uint8_t>>, std::unique_ptr<Single>> singles_;
  int searches_ = 0;
  const testing::TestInfo* test_ = nullptr;
  std::set<std::string> cells_;               // that struck in that test
  std::optional<internal::OutputLost> lost_;  // of a search
};

}  // namespace

bool record_runs_to(std::string directory) {
  Recorder::get().write_to(std::move(directory));
  return true;
}

namespace internal {

std::string day_of_environment() {
  const char* day = std::getenv("SAGA_HARNESS_TODAY");
  if (day == nullptr || *day == '\0') return {};
  if (!is_day(day))
    throw Error(ErrorText{.source = "SAGA_HARNESS_TODAY",
                          .message = in_quotes(day) + " is no day",
                          .fix = "write e.g. 2026-11-21"});
  return day;
}

void record(const Experiment& experiment, const Run& run, const Context& start_context) {
  if (Recorder& recorder = Recorder::get(); recorder.is_on()) recorder.add(experiment, run, start_context);
}

Exploration explore_recorded(const Experiment& experiment, const ExploreOptions& options,
                             const Replay& replay) {
  Recorder& recorder = Recorder::get();
  if (recorder.is_on() && options.resume.empty()) return recorder.explore(experiment, options, replay);
  Exploration exploration = saga_harness::explore(experiment, options);
  replay(exploration);
  return exploration;
}

}  // namespace internal
}  // namespace saga_harness
