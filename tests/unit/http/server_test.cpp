// The server under load and abuse. All of it over fakes, as it is served.

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

/// Far less than the minute for which an idle client, or a reply that hangs, would keep who waits for it.
constexpr auto kSoon = 20s;

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Fakes with nobody's run.
class ServerTest : public testing::Test {
 protected:
  explicit ServerTest(HttpFakesOptions options = {}) : fakes_(shop(), std::move(options)) { fakes_.start(); }

  [[nodiscard]] std::string url() const {
    return fakes_.service_urls().at("payment_service") + "/process_payment";
  }
  Answer send(std::string_view bytes) {
    RawClient client(url());
    client.send(bytes);
    return client.receive();
  }

  HttpFakes fakes_;
};

TEST_F(ServerTest, KeepsConnectionsAndTakesPipelinedRequests) {
  RawClient client(url());
  client.send(
      "POST /process_payment HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
      "POST /process_payment HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET /nothing HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 404);
  EXPECT_EQ(client.request("POST", "/process_payment").status, 200);
}

TEST_F(ServerTest, ReadsBodiesInChunksAndWithoutALength) {
  const std::string head = "POST /process_payment HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  RawClient client(url());
  client.send(head + "c\r\n{\"saga_id\":\"\r\n6;x=y\r\nchunk\"\r\n1\r\n}\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(fakes_.runs().close("chunk").calls, 1U);
  EXPECT_EQ(client.request("POST", "/process_payment").status, 200) << "the next request of the connection";
  EXPECT_EQ(send("POST /process_payment HTTP/1.1\r\n\r\n").status, 200) << "no length is no body";
}

TEST_F(ServerTest, ReadsARequestByteByByte) {
  RawClient client(url());
  for (const char c : std::string_view("POST /process_payment HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"))
    client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, SaysToGoOnWhenAsked) {
  RawClient client(url());
  client.send("POST /process_payment HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  client.send("{}");
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, ClosesWhenTheClientSaysSo) {
  EXPECT_EQ(send("POST /process_payment HTTP/1.1\r\nConnection: close\r\n\r\n").header("Connection"),
            "close");
  RawClient old(url());
  old.send("POST /process_payment HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive().status, 200);
  EXPECT_EQ(old.receive().end, End::kClosed);
  RawClient keeping(url());
  keeping.send("POST /process_payment HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.receive().header("Connection"), "keep-alive");
}

TEST_F(ServerTest, AnswersBadHttpWithAStatusAndGoesOn) {
  const std::pair<std::string, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET\r\n\r\n", 400},
      {"POST /process_payment HTTP/9.9\r\n\r\n", 400},
      {"POST process_payment HTTP/1.1\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nno colon\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nbad name: x\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST /process_payment HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415},
      {"POST /process_payment HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413},
      {"POST /process_payment HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 x\r\na\r\n0\r\n\r\n", 400},
      {"POST /process_payment HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 413},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\r\n\r\n", 12), 400},  // TLS
  };
  for (const auto& [bytes, status] : cases) EXPECT_EQ(send(bytes).status, status) << bytes;
  EXPECT_EQ(post(url()).status, 200);
}

TEST_F(ServerTest, ARefusalSaysWhyWhateverWasAskedBefore) {
  RawClient client(url());
  client.send("HEAD /nothing HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\nHost: x\n\n");
  std::string bytes = client.receive().bytes;
  bytes += client.receive().bytes;
  EXPECT_THAT(bytes, HasSubstr("ends with LF alone")) << "the HEAD has no body, the refusal has one";
}

TEST_F(ServerTest, BoundsHeads) {
  const std::string long_header =
      "POST /process_payment HTTP/1.1\r\nX-Long: " + std::string(100'000, 'x') + "\r\n\r\n";
  EXPECT_EQ(send(long_header).status, 431);
  EXPECT_EQ(send("POST /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n").status, 431);
  std::string many = "POST /process_payment HTTP/1.1\r\n";
  for (int i = 0; i < 300; ++i) many += fmt::format("X-{}: y\r\n", i);
  EXPECT_EQ(send(many + "\r\n").status, 431);
  EXPECT_EQ(send("POST /process_payment HTTP/1.1\r\nX-Long: " + std::string(7'000, 'x') + "\r\n\r\n").status,
            200);
}

TEST_F(ServerTest, HearsOfAnEmptyOrEvilBodyWithoutHarm) {
  for (const std::string& body :
       {std::string("\xff\xfe saga_id"), std::string(R"({"saga_id":)"), std::string("[[[[")})
    EXPECT_EQ(post(url(), body).status, 200) << "a fake without business does not read it";
  EXPECT_EQ(post(url(), R"({"saga_id":{"a":1}})").status, 200);
  EXPECT_EQ(post(url(), R"({"saga_id":17})").status, 200);
  EXPECT_EQ(fakes_.runs().close("17").calls, 1U);
}

TEST_F(ServerTest, RefusesABodyOf100MiBWithoutKeepingIt) {
  const std::size_t before = resident_bytes();
  const std::string part(1U << 20U, 'x');
  for (const bool chunked : {false, true}) {
    RawClient client(url());
    client.send(chunked ? "POST /process_payment HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                        : "POST /process_payment HTTP/1.1\r\nContent-Length: 104857600\r\n\r\n");
    for (int i = 0; i < 100; ++i) {
      if (chunked) client.send("100000\r\n");
      client.send(part);
      if (chunked) client.send("\r\n");
    }
    EXPECT_EQ(client.receive().status, 413) << chunked;
  }
  EXPECT_LT(resident_bytes(), before + (40U << 20U));
}

TEST_F(ServerTest, CanBeStoppedAndStartedOnTheSamePorts) {
  const std::string address = url();
  const std::string admin = fakes_.admin_url();
  RawClient kept(address);
  EXPECT_EQ(kept.request("POST", "/process_payment").status, 200);
  for (int i = 0; i < 5; ++i) {
    const auto began = std::chrono::steady_clock::now();
    fakes_.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, kSoon) << "an idle client must not keep it";
    EXPECT_TRUE(is_refused(address));
    fakes_.start();
    EXPECT_EQ(url(), address);
    EXPECT_EQ(fakes_.admin_url(), admin);
    EXPECT_EQ(post(address).status, 200);
  }
}

TEST_F(ServerTest, TwoServersDoNotShareAPort) {
  const int port = std::stoi(fakes_.admin_url().substr(fakes_.admin_url().rfind(':') + 1));
  HttpFakes other(shop(), {.port = port});
  EXPECT_THROW(other.start(), Error);
  EXPECT_EQ(post(url()).status, 200);
}

TEST_F(ServerTest, StopsWhileRequestsHang) {
  fakes_.runs().open("hung", {.plan = parse_plan("process_payment#*:request_lost"), .timeout = 60s});
  RawClient client(url());
  client.send("POST /process_payment HTTP/1.1\r\nX-Saga-Id: hung\r\n\r\n");
  while (fakes_.runs().wait_quiet("hung", 0ms, 0ms)) {
  }
  const auto began = std::chrono::steady_clock::now();
  fakes_.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, kSoon);
  EXPECT_NE(client.receive().end, End::kOpen);
}

/// A server with little room.
class CrowdedServerTest : public ServerTest {
 protected:
  CrowdedServerTest() : ServerTest({.max_connections = 20}) {}
};

TEST_F(CrowdedServerTest, WhoIdlesOrDawdlesGivesWay) {
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(std::make_unique<RawClient>(url()));
    if (i % 2 == 0) slow.back()->send("POST /process_payment HTTP/1.1\r\nX-A");
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(post(url()).status, 200);
}

TEST_F(ServerTest, ManyRunsLeaveNoDescriptorsBehind) {
  const auto run_some = [this](int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id = fmt::format("run-{}", i);
      fakes_.runs().open(id, {.plan = parse_plan("process_payment#1:participant_crash_after, "
                                                 "process_payment#2:reply_lost")});
      for (int call = 0; call < 3; ++call) post(url(), "{}", {{"X-Saga-Id", id}});
      (void)fakes_.runs().close(id);
    }
  };
  run_some(20);
  const std::size_t before = open_descriptors();
  run_some(300);
  EXPECT_LE(open_descriptors(), before + 10);
}

TEST_F(ServerTest, HeavyTenThousandRunsLeaveNoDescriptorsBehind) {
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = fmt::format("run-{}", i);
    fakes_.runs().open(id, {.plan = parse_plan("process_payment#1:participant_crash_before")});
    post(url(), "{}", {{"X-Saga-Id", id}});
    (void)fakes_.runs().close(id);
  }
  EXPECT_LE(open_descriptors(), before + 10);
}

TEST_F(ServerTest, HeavyAThousandConnectionsAreServedAtOnce) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<RawClient>(url()));
  for (int round = 0; round < 3; ++round) {
    for (const auto& client : clients) client->send("POST /process_payment HTTP/1.1\r\n\r\n");
    for (const auto& client : clients) EXPECT_EQ(client->receive().status, 200);
  }
  // A thousand that never finish their request, and one that does.
  for (const auto& client : clients) client->send("POST /process_payment HTTP/1.1\r\nX-Slow: ");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(post(url()).status, 200);
  EXPECT_EQ(get(fakes_.admin_url() + "/__admin/health").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s) << "the patience with a head";
}

/// A server that remembers a million requests.
class RememberingServerTest : public ServerTest {
 protected:
  RememberingServerTest() : ServerTest({.max_journal = 1'000'000}) {}
};

TEST_F(RememberingServerTest, HeavyAMillionEntriesAreKeptAndThenGiveWay) {
  constexpr int kClients = 8;
  constexpr int kBatch = 100;
  constexpr int kBatches = 1260;  // 1,008,000 requests
  std::string batch;
  for (int i = 0; i < kBatch; ++i) batch += "POST /process_payment HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      RawClient client(url());
      for (int sent = 0; sent < kBatches; ++sent) {
        client.send(batch);
        for (int k = 0; k < kBatch; ++k) answered += client.receive().status == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, kClients * kBatch * kBatches);
  const std::string counts = get(fakes_.admin_url() + "/__admin/journal/count").body;
  EXPECT_THAT(counts, HasSubstr(R"("count":1000000)"));
  EXPECT_THAT(counts, HasSubstr(R"("dropped":8000)"));
  EXPECT_LT(resident_bytes(), std::size_t{1} << 30U);
}

}  // namespace
}  // namespace saga_harness::http_tests
