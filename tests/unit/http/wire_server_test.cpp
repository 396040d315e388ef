// The server beneath the fakes, with bounds that a test can wait for.

#include "server/http_server.hpp"

#include <sys/socket.h>

#include <atomic>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "fixtures.hpp"

namespace saga_harness::http_tests {
namespace {

using namespace std::chrono_literals;
using http::HttpServer;
using http::ServerExchange;
using http::ServerHandler;
using http::ServerLimits;
using http::ServerRequest;

/// Answers with what it was sent.
class Echo final : public ServerHandler {
 public:
  void handle(const ServerRequest& request, ServerExchange& exchange) override {
    const std::string body = fmt::format("{} {} {}", request.method, request.path, request.body);
    exchange.reply({.body = body});
  }
};

class WireServerTest : public testing::Test {
 protected:
  explicit WireServerTest(ServerLimits limits = {.max_payload = 1000}) : server_(limits) {
    url_ = fmt::format("http://127.0.0.1:{}", server_.listen("127.0.0.1", 0, 0, echo_));
  }

  Answer send(std::string_view bytes) {
    RawClient client(url_);
    client.send(bytes);
    return client.receive();
  }

  Echo echo_;
  HttpServer server_;
  std::string url_;
};

TEST_F(WireServerTest, ABodyIsReadWholeHoweverItComes) {
  const std::string head = "POST /a HTTP/1.1\r\nX-Long: " + std::string(3'000, 'x') + "\r\n";
  const std::string body(900, 'b');
  const std::string wanted = "POST /a " + body;
  const std::string with_length = head + "Content-Length: 900\r\n\r\n" + body;
  std::string in_chunks = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 90; ++i) in_chunks += "A;note=\"x\"\r\n" + body.substr(0, 10) + "\r\n";
  in_chunks += "0\r\nX-Trailer: y\r\n\r\n";
  for (const std::string& bytes : {with_length, in_chunks}) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{700}, bytes.size() - 907, bytes.size() - 1}) {
      RawClient client(url_);
      client.send(std::string_view(bytes).substr(0, cut));
      std::this_thread::sleep_for(5ms);  // so that it comes in two pieces; if not, nothing is lost
      client.send(std::string_view(bytes).substr(cut));
      EXPECT_EQ(client.receive().body, wanted) << cut;
      client.send("GET /next HTTP/1.1\r\n\r\n");
      EXPECT_EQ(client.receive().body, "GET /next ") << "what follows is read from its beginning";
    }
  }
}

TEST_F(WireServerTest, APipelineOfBodiesIsAnsweredInOrder) {
  RawClient client(url_);
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    const std::string body = fmt::format("body {}", i);
    bytes +=
        i % 3 == 0
            ? fmt::format("PUT /{} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n", i,
                          body.size(), body)
            : fmt::format("PUT /{} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", i, body.size(), body);
  }
  client.send(bytes);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive().body, fmt::format("PUT /{0} body {0}", i));
}

TEST_F(WireServerTest, BadChunksAreRefused) {
  const std::string head = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::pair<std::string, int> cases[] = {
      {"\r\n\r\n", 400},
      {"g\r\n", 400},
      {"-1\r\n", 400},
      {"5x\r\n", 400},
      {"2\r\nabc\r\n", 400},
      {"fffffffffffffffffffffff\r\n", 413},
      {"ffffffffffffffff\r\n", 413},
      {"3e9\r\n", 413},
      {std::string(2'000, '0'), 400},
  };
  for (const auto& [bytes, status] : cases) EXPECT_EQ(send(head + bytes).status, status) << bytes;
  EXPECT_EQ(send(head + "3e8\r\n" + std::string(1000, 'x') + "\r\n0\r\n\r\n").status, 200);
  EXPECT_EQ(send(head + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n").status, 413);
  EXPECT_EQ(send(head + "0\r\nX: " + std::string(100'000, 'x')).status, 400) << "trailers have a bound";
}

TEST_F(WireServerTest, ABodyThatEndsTooSoonIsRefused) {
  for (const std::string_view head :
       {"Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n5\r\nha"}) {
    RawClient client(url_);
    client.send(fmt::format("POST /a HTTP/1.1\r\n{}", head));
    client.shut_writing();
    EXPECT_EQ(client.receive().status, 400);
  }
}

TEST_F(WireServerTest, GoesAheadOnlyWhereTheBodyIsStillToCome) {
  RawClient waiting(url_);
  waiting.send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  char interim[64] = {};
  ASSERT_EQ(::recv(waiting.fd(), interim, 25, MSG_WAITALL), 25);
  EXPECT_STREQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  waiting.send("{}");
  EXPECT_EQ(waiting.receive().body, "POST /a {}");
  EXPECT_THAT(send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}").bytes,
              testing::StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n").status, 413);
}

/// A server that waits for nobody.
/// Answers once it is told to.
class Patient final : public ServerHandler {
 public:
  void handle(const ServerRequest& /*request*/, ServerExchange& exchange) override {
    reached.count_down();
    released.wait();
    exchange.reply({.body = "late"});
  }
  std::latch reached{1};
  std::latch released{1};
};

TEST_F(WireServerTest, WhoWaitsForAnAnswerWhenConnectionsAreRefusedGetsItAndNoMore) {
  Patient patient;
  HttpServer server({});
  RawClient client(fmt::format("http://127.0.0.1:{}", server.listen("127.0.0.1", 0, 7, patient)));
  client.send("GET /a HTTP/1.1\r\n\r\n");
  patient.reached.wait();
  server.refuse_connections(7, true);
  patient.released.count_down();
  EXPECT_EQ(client.receive().body, "late");
  EXPECT_EQ(client.receive().end, End::kClosed) << "the connection could be used again";
}

class HurriedServerTest : public WireServerTest {
 protected:
  HurriedServerTest()
      : WireServerTest({.max_payload = 1000, .head_patience = 300ms, .body_patience = 300ms}) {}

  /// Sends `begin`, then a byte now and then, until it is told something or five seconds are over.
  Answer drip(std::string_view begin) {
    RawClient client(url_);
    client.send(begin);
    const auto until = std::chrono::steady_clock::now() + 5s;
    char byte = 0;
    while (std::chrono::steady_clock::now() < until &&
           ::recv(client.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
      ::send(client.fd(), "x", 1, MSG_NOSIGNAL);
      std::this_thread::sleep_for(20ms);
    }
    return client.receive(1s);
  }
};

TEST_F(HurriedServerTest, WhoSendsAByteNowAndThenIsLate) {
  EXPECT_EQ(drip("POST /a HTTP/1.1\r\nX-Slow: ").status, 408);
  EXPECT_EQ(drip("POST /a HTTP/1.1\r\nContent-Length: 900\r\n\r\n").status, 408);
  EXPECT_EQ(drip("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n300\r\n").status, 408);
  EXPECT_EQ(send("GET /a HTTP/1.1\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace saga_harness::http_tests
