#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "support/raw_client.hpp"

namespace saga_harness::cli_tests {
namespace {

using http_tests::Answer;
using http_tests::get;
using http_tests::post;
using nlohmann::json;
using testing::HasSubstr;

/// `saga-harness serve`, until it is told to end.
class Served {
 public:
  explicit Served(std::vector<std::string> options = {}) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return;
    std::vector<std::string> arguments{SAGA_HARNESS_COMMAND, "serve", scenario("order_processing")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn(&pid_, SAGA_HARNESS_COMMAND, &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string line;
    char c = 0;
    while (::read(ends[0], &c, 1) == 1 && c != '\n') line += c;
    ::close(ends[0]);
    ready = json::parse(line, nullptr, false);
  }
  ~Served() {
    if (pid_ > 0) end(SIGKILL);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  /// The exit code, or 128 and the signal.
  int end(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  [[nodiscard]] std::string admin(const std::string& path) const {
    return ready["admin"].get<std::string>() + "/__admin" + path;
  }

  json ready = {};

 private:
  pid_t pid_ = 0;
};

TEST(ServeTest, PrintsOneLineWhenReadyAndEndsCleanlyOnATerm) {
  Served served;
  ASSERT_TRUE(served.ready.is_object());
  EXPECT_EQ(served.ready["services"].size(), 4U);
  EXPECT_EQ(get(served.admin("/health")).status, 200);
  EXPECT_EQ(served.end(SIGTERM), 0);
}

TEST(ServeTest, EndsCleanlyOnAnInterruptWhileARequestHangs) {
  Served served;
  ASSERT_TRUE(served.ready.is_object());
  const std::string url = served.ready["services"]["payment_service"].get<std::string>() + "/process_payment";
  ASSERT_EQ(post(served.admin("/faults"), R"({"fault": "hang"})").status, 201);
  http_tests::RawClient client(url);
  client.send("POST /process_payment HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  while (get(served.admin("/journal/count")).body.find("\"count\":1") == std::string::npos) {
  }
  EXPECT_EQ(served.end(SIGINT), 0);
}

TEST(ServeTest, IsASideCarForASagaFromItsFirstRequestToItsVerdict) {
  Served served;
  ASSERT_TRUE(served.ready.is_object());
  const std::string body = R"({"customer_id": "CUST-123", "total_amount": 10, "items": []})";
  const auto call = [&](const std::string& service, const std::string& action) {
    return post(served.ready["services"][service].get<std::string>() + "/" + action, body,
                {{"X-Saga-Id", "S-1"}});
  };
  EXPECT_EQ(post(served.admin("/faults"), R"({"fault": "rejected", "service": "inventory_service"})").status,
            201);
  EXPECT_EQ(call("order_service", "create_order").status, 200);
  EXPECT_EQ(call("inventory_service", "reserve_inventory").status, 422);
  EXPECT_EQ(call("order_service", "cancel_order").status, 200);
  EXPECT_EQ(get(served.admin("/verdict?saga_id=S-1")).status, 409) << "nothing was reported yet";
  EXPECT_EQ(post(served.admin("/report"), R"({"saga_id": "S-1", "outcome": "compensated"})").status, 200);
  const Answer verdict = get(served.admin("/verdict?saga_id=S-1"));
  EXPECT_EQ(verdict.status, 200) << verdict.body;
}

TEST(ServeTest, RefusesToBeReachedByOthersWithoutAToken) {
  const Result result = run({"serve", scenario("order_processing"), "--bind", "0.0.0.0"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("give a token"));
}

TEST(ServeTest, AsksForTheTokenItWasGiven) {
  Served served({"--token", "secret"});
  ASSERT_TRUE(served.ready.is_object());
  EXPECT_EQ(get(served.admin("/health")).status, 401);
  EXPECT_EQ(get(served.admin("/health"), {{"Authorization", "Bearer secret"}}).status, 200);
}

TEST(ServeTest, TakesTheTokenFromAFileOrTheEnvironment) {
  const std::string file = write_scratch("token.txt", "secret\n");
  {
    Served served({"--token-file", file});
    ASSERT_TRUE(served.ready.is_object());
    EXPECT_EQ(get(served.admin("/health")).status, 401);
    EXPECT_EQ(get(served.admin("/health"), {{"Authorization", "Bearer secret"}}).status, 200);
  }
  ::setenv("SAGA_HARNESS_TOKEN", "other", 1);
  Served served;
  ::unsetenv("SAGA_HARNESS_TOKEN");
  ASSERT_TRUE(served.ready.is_object());
  EXPECT_EQ(get(served.admin("/health")).status, 401);
  EXPECT_EQ(get(served.admin("/health"), {{"Authorization", "Bearer other"}}).status, 200);
}

TEST(ServeTest, RefusesATokenThatIsEmpty) {
  const std::string file = write_scratch("token.txt", "\n");
  EXPECT_THAT(run({"serve", scenario("order_processing"), "--token-file", file}).err, HasSubstr("is empty"));
  const Result result = run({"serve", scenario("order_processing"), "--token", ""});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("--token has an empty value"));
}

TEST(ServeTest, AdvertisesTheHostThatItIsTold) {
  Served served({"--advertise", "fakes"});
  ASSERT_TRUE(served.ready.is_object());
  EXPECT_THAT(served.ready["admin"].get<std::string>(), testing::StartsWith("http://fakes:"));
  EXPECT_THAT(served.ready["services"]["payment_service"].get<std::string>(),
              testing::StartsWith("http://fakes:"));
}

TEST(ServeTest, RefusesPortsThatCannotBe) {
  for (const auto& [given, said] : {std::pair{"payment_service=0", "is no port"},
                                    {"payment_service=65536", "is no port"},
                                    {"payment_service=", "is no port"},
                                    {"payments=8080", "there is no service"}}) {
    const Result result = run({"serve", scenario("order_processing"), "--service-port", given});
    EXPECT_EQ(result.exit_code, 64) << given;
    EXPECT_THAT(result.err, HasSubstr(said)) << given;
  }
}

TEST(ServeTest, RefusesAChoreographyWhoseServicesWaitForEvents) {
  const Result result = run({"serve", scenario("order_choreography")});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("wait for events of a bus, not for requests"));
}

TEST(ServeTest, SaysWhatIsWrongWithAPortOrAScenario) {
  EXPECT_EQ(run({"serve", "missing.json"}).exit_code, 64);
  EXPECT_EQ(run({"serve", scenario("order_processing"), "--port", "70000"}).exit_code, 64);
  const Result taken =
      run({"serve", scenario("order_processing"), "--bind", "not-an-address", "--token", "x"});
  EXPECT_EQ(taken.exit_code, 64);
  EXPECT_THAT(taken.err, HasSubstr("not-an-address"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
