// Servers that accept a connection and never answer, and one that answers late: nobody waits for ever.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

#include "support/servers.hpp"

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr Duration kPatience = 300ms;
constexpr auto kAtMost = 20s;  // who is never answered would wait for ever

/// Connections to it are there at once, and nothing ever comes over them.
class SilentServer {
 public:
  SilentServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, raw, size), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, raw, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  int fd_;
  int port_ = 0;
};

/// What `work` says is wrong, soon enough.
template <class Work>
std::string said_in_time(Work work) {
  const auto began = std::chrono::steady_clock::now();
  std::string said = "(nothing)";
  try {
    work();
  } catch (const Error& error) {
    said = error.what();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, kAtMost);
  return said;
}

bool is_not_built(const std::string& said) { return said.find("built without") != std::string::npos; }

TEST(SilentServerTest, PostgresqlIsNotWaitedForAtTheConnection) {
  const SilentServer server;
  const std::string said = said_in_time([&] {
    static_cast<void>(postgresql_store(fmt::format("host=127.0.0.1 port={}", server.port()), kPatience));
  });
  if (is_not_built(said)) GTEST_SKIP() << said;
  EXPECT_THAT(said, AllOf(HasSubstr("postgresql store: it cannot be reached"), HasSubstr("timeout expired")));
}

TEST(SilentServerTest, RedisIsNotWaitedForAtAnAnswer) {
  const SilentServer server;
  std::unique_ptr<LogStore> store;
  std::string said = said_in_time(
      [&] { store = redis_store(fmt::format("127.0.0.1:{}", server.port()), "saga-harness:", kPatience); });
  if (is_not_built(said)) GTEST_SKIP() << said;
  ASSERT_EQ(said, "(nothing)") << "a connection is there";
  said = said_in_time([&] { static_cast<void>(store->create({.saga_id = "S-1"})); });
  EXPECT_THAT(said, HasSubstr("it cannot be written"));
  said = said_in_time([&] { EXPECT_EQ(store->append("S-1", 0, "x"), LogWrite::kFailed); });
  EXPECT_EQ(said, "(nothing)");
  EXPECT_THAT(said_in_time([&] { static_cast<void>(store->load("S-1")); }), HasSubstr("it cannot be read"));
}

TEST(SilentServerTest, SomePatienceMustBeGiven) {
  for (const Duration patience : {Duration(0), Duration(-1)}) {
    EXPECT_NE(said_in_time([&] { static_cast<void>(postgresql_store("host=/nowhere", patience)); }),
              "(nothing)");
    const std::string said =
        said_in_time([&] { static_cast<void>(redis_store("/nowhere", "x:", patience)); });
    EXPECT_TRUE(is_not_built(said) || said.find("give it some time") != std::string::npos) << said;
  }
}

/// Of a real server, in which somebody else holds what a store wants.
TEST(LateServerTest, APostgresqlStatementThatWaitsForALockFailsAndIsNotDoneLater) {
  const test::Server server = test::start_postgresql();
  if (server.address().empty()) GTEST_SKIP() << "this machine has no postgresql server";
  const auto store = postgresql_store(server.address(), kPatience);
  ASSERT_TRUE(store->create({.saga_id = "S-1", .definition = "order", .context = "{}"}));
  const std::string lock = fmt::format(
      "psql '{}' -qc \"BEGIN; LOCK TABLE saga_record; SELECT pg_sleep(1.5); COMMIT\" >/dev/null 2>&1",
      server.address());
  std::thread other([&lock] { EXPECT_EQ(std::system(lock.c_str()), 0); });
  const auto began = std::chrono::steady_clock::now();
  LogWrite write = LogWrite::kDurable;
  std::uint64_t version = 0;
  while (write == LogWrite::kDurable && std::chrono::steady_clock::now() - began < 10s) {
    const std::string said = said_in_time([&] { write = store->append("S-1", version, "x"); });
    EXPECT_EQ(said, "(nothing)");
    if (write == LogWrite::kDurable) ++version;
  }
  EXPECT_EQ(write, LogWrite::kFailed) << "the table is locked";
  other.join();
  EXPECT_EQ(store->load("S-1")->records.size(), version) << "what was reported failed was not done later";
  EXPECT_EQ(store->append("S-1", version, "y"), LogWrite::kDurable);
}

TEST(LateServerTest, APostgresqlServerThatFallsSilentIsNotWaitedFor) {
  const test::Server server = test::start_postgresql();
  if (server.address().empty()) GTEST_SKIP() << "this machine has no postgresql server";
  const auto store = postgresql_store(server.address(), kPatience);
  ASSERT_TRUE(store->create({.saga_id = "S-1", .definition = "order", .context = "{}"}));
  const std::string who = test::output_of(
      fmt::format("psql '{}' -Atqc \"SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
                  "AND pid <> pg_backend_pid()\"",
                  server.address()));
  const pid_t serves_us = std::stoi(who);
  ASSERT_EQ(::kill(serves_us, SIGSTOP), 0);
  const std::string said = said_in_time([&] { EXPECT_EQ(store->append("S-1", 0, "x"), LogWrite::kFailed); });
  EXPECT_EQ(::kill(serves_us, SIGCONT), 0);
  EXPECT_EQ(said, "(nothing)");
}

}  // namespace
}  // namespace saga_harness
