// What is killed is dead: whatever its shape, and before anything else is started in its place.

#include <signal.h>

#include <cstdio>

#include <gmock/gmock.h>

#include "python_targets.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

using TargetProcessesTest = TargetCommandTest;

const std::vector<std::string> kCrashes{"-k", "1", "--faults", "coordinator_crash"};

std::string in_shell_quotes(const std::string& text) { return "'" + text + "'"; }

/// The durable server, as `script` starts it with `$SERVER`.
json wrapped(const std::string& script) {
  json target = durable_server("none");
  const std::string server =
      "python3 " + in_shell_quotes(folder() + "orchestrator.py") + " serve none --log {scratch}/sagas.db";
  target["process"]["command"] = {"sh", "-c", "SERVER=" + in_shell_quotes(server) + "; " + script};
  return target;
}

// Each says at its start whether the process before it, whose pid it finds in the scratch folder, is still
// there.
const std::string kSays =
    "[ -e {scratch}/pid ] && kill -0 $(cat {scratch}/pid) && echo alive >>\"$SAID\"; echo start "
    ">>\"$SAID\"; ";

Result explore_wrapped(const std::string& script, const std::string& said) {
  json target = wrapped(kSays + script);
  target["process"]["env"] = {{"SAID", said}};
  return explore(target, kCrashes);
}

TEST_F(TargetProcessesTest, OneIsStartedAgainOnlyOnceAllOfItIsDead) {
  const std::string said = write_scratch("said", "");
  const Result as_child = explore_wrapped("$SERVER & echo $! >{scratch}/pid; wait", said);
  EXPECT_EQ(as_child.exit_code, 0) << as_child.out << as_child.err;
  const Result in_a_session =
      explore_wrapped("setsid sh -c \"setsid $SERVER & echo \\$! >{scratch}/pid\"; sleep 1000", said);
  EXPECT_EQ(in_a_session.exit_code, 0) << in_a_session.out << in_a_session.err;
  EXPECT_THAT(read_file(said), testing::Not(HasSubstr("alive")));
  EXPECT_GT(lines_of(read_file(said)).size(), 10U);  // it was started again, time after time
}

/// A server that belongs to somebody else.
class Stranger {
 public:
  explicit Stranger(const std::string& log)
      : output_(::popen(("echo $$; exec python3 " + in_shell_quotes(folder() + "orchestrator.py") +
                         " serve none --log " + log)
                            .c_str(),
                        "r")) {
    pid_ = std::stoi(line());
    url_ = line();
  }
  ~Stranger() {
    ::kill(pid_, SIGKILL);
    ::pclose(output_);
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::string line() {
    std::string text;
    for (int c = 0; (c = std::fgetc(output_)) != EOF && c != '\n';) text += static_cast<char>(c);
    return text;
  }
  std::FILE* output_;
  pid_t pid_ = 0;
  std::string url_;
};

TEST_F(TargetProcessesTest, ACrashAfterWhichTheOldServerAnswersIsAnErrorAndNoCoverage) {
  const Stranger stranger(scratch("stranger.db"));
  json target = durable_server("none");
  target["process"]["command"] = {"sh", "-c", "echo " + stranger.url() + "; exec sleep 1000"};
  const Result result = explore(target, kCrashes);
  EXPECT_EQ(result.exit_code, 70) << result.out << result.err;
  EXPECT_THAT(result.out + result.err,
              AllOf(HasSubstr("somebody answers at " + stranger.url()), HasSubstr("its crashes are none")));
}

TEST_F(TargetProcessesTest, OneThatDoesNotComeUpAgainIsAnError) {
  const Result result = explore(wrapped("[ -e {scratch}/once ] && { echo no second time >&2; exit 9; }; "
                                        "touch {scratch}/once; exec $SERVER"),
                                kCrashes);
  EXPECT_EQ(result.exit_code, 70) << result.out << result.err;
  EXPECT_THAT(
      result.out + result.err,
      AllOf(HasSubstr("killed and started again, the target did not come up"), HasSubstr("no second time")));
}

TEST_F(TargetProcessesTest, AWindowByCountIsEndedByNoClock) {
  json target = server("none");
  target["process"]["env"] = {{"BACK_OFF", "0.4"}};
  target["limits"] = {{"patience", "1ms"}};
  const std::string path = write_scratch("slow.json", target.dump());
  const Result result = run({"replay", shop(), "--target", path, "--json", "--plan",
                             "process_payment#1:rejected,create_order.compensation#1..budget:unavailable"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(json::parse(result.out)["outcome"], "flagged") << result.out;
}

}  // namespace
}  // namespace saga_harness::cli_tests
