#include "recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/search_reports.hpp>
#include <saga_harness/test_recording.hpp>
#include <saga_harness_internal/skipped.hpp>

namespace saga_harness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostCellsOfATest = 100;

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

RecordOrigin origin_of(const Experiment& experiment) {
  const bool is_nameless =
      experiment.coordinator_name == internal::kCustom || experiment.participant_name == internal::kCustom;
  return {.tests = true, .scope = is_nameless ? current_test() : std::string()};
}

/// A file that no other process writes, in which whole lines stand whatever happens.
class RecordFile {
 public:
  explicit RecordFile(const std::string& stem) {
    for (int attempt = 1;; ++attempt) {
      path_ = stem + (attempt == 1 ? "" : "-" + std::to_string(attempt)) + ".runs.jsonl";
      const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file < 0 && errno == EEXIST) continue;  // of an earlier process of that number
      if (file < 0) fail(path_, errno);
      file_.reset(::fdopen(file, "wb"));
      if (file_ == nullptr) fail(path_, errno);
      std::setvbuf(file_.get(), nullptr, _IOLBF, 1U << 16U);
      return;
    }
  }
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail(path_, errno);
  }
  /// Nothing of it is to be touched any more: it belongs to the process this one was forked from.
  void abandon() { static_cast<void>(file_.release()); }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

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
      } catch (const Error&) {  // without an end the records say themselves that they are incomplete
      }
    }
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void write_to(std::string directory) { directory_ = std::move(directory); }
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

  Exploration explore(const Experiment& experiment, ExploreOptions options) {
    notice_fork();
    const RecordOrigin origin = origin_of(experiment);
    RunRecords records(experiment, options, origin);
    RecordFile file(stem(experiment, origin) + "-search-" + std::to_string(++searches_));
    file.write(records.header());
    options.workers = 1;
    options.prune = false;  // a record of every run is wanted, and nothing else differs
    options.on_schedule = [&, also = options.on_schedule](const Schedule& schedule) {
      file.write(records.record(schedule));
      if (also) also(schedule);
    };
    Exploration exploration = saga_harness::explore(experiment, options);
    file.write(records.end(exploration));
    note_search(exploration);
    return exploration;
  }

 private:
  struct Single {
    Single(const Experiment& of, const RecordOrigin& origin, const std::string& stem)
        : experiment(of), records(experiment, origin), file(stem) {}
    Experiment experiment;
    RunRecords records;
    RecordFile file;
  };

  [[nodiscard]] std::string stem(const Experiment& experiment, const RecordOrigin& origin) {
    std::error_code failure;
    fs::create_directories(directory_, failure);
    if (failure) fail(directory_, failure.value());
    const fs::path program = fs::read_symlink("/proc/self/exe", failure);
    const std::string name = failure ? "tests" : program.filename().string();
    return (fs::path(directory_) /
            (name + "-" + std::to_string(process_) + "-" + hash_text(subject_id(experiment, origin))))
        .string();
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
  std::set<std::string> cells_;  // that struck in that test
};

}  // namespace

bool record_runs_to(std::string directory) {
  Recorder::get().write_to(std::move(directory));
  return true;
}

namespace internal {

void record(const Experiment& experiment, const Run& run, const Context& start_context) {
  if (Recorder& recorder = Recorder::get(); recorder.is_on()) recorder.add(experiment, run, start_context);
}

Exploration explore_recorded(const Experiment& experiment, const ExploreOptions& options) {
  Recorder& recorder = Recorder::get();
  return recorder.is_on() && options.resume.empty() ? recorder.explore(experiment, options)
                                                    : saga_harness::explore(experiment, options);
}

}  // namespace internal
}  // namespace saga_harness
