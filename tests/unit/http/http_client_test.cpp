#include <saga_harness_internal/http_client.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

namespace saga_harness::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// Takes one connection, reads a request, writes what it was told and closes; or keeps silent.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, bool stays = false) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), raw, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener_.get(), raw, &size), 0);
    port_ = ntohs(address.sin_port);
    server_ = std::thread([this, text = std::move(answer), stays] {
      const os::OwnedFd peer(::accept(listener_.get(), nullptr, nullptr));
      char buffer[4096];
      const ssize_t count = ::recv(peer.get(), buffer, sizeof buffer, 0);
      request_.assign(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
      if (!text.empty()) static_cast<void>(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL));
      while (stays && ::recv(peer.get(), buffer, sizeof buffer, 0) > 0) {
      }
    });
  }
  ~OneAnswer() {
    if (server_.joinable()) server_.join();
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/a?b=c"; }
  [[nodiscard]] const std::string& request() {
    server_.join();
    return request_;
  }

 private:
  os::OwnedFd listener_;
  int port_ = 0;
  std::string request_;
  std::thread server_;
};

HttpAnswer ask_within(const std::string& url, std::chrono::milliseconds time, std::string body = {}) {
  os::Waiting waiting(os::Clock::now() + time);
  return HttpClient::send_once(
      {.method = "POST", .url = url, .headers = {{"X-A", "b"}}, .body = std::move(body)}, waiting);
}

constexpr std::chrono::milliseconds kLong(20'000);

TEST(HttpClientTest, SendsWhatItIsToldAndReadsABodyOfKnownLength) {
  OneAnswer server("HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello, and more");
  const HttpAnswer answer = ask_within(server.url(), kLong, "{}");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "hello");
  const std::string& request = server.request();
  EXPECT_THAT(request, StartsWith("POST /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-A: b\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: 2\r\n\r\n{}"));
}

TEST(HttpClientTest, ReadsChunksAndWhatEndsWithTheConnection) {
  OneAnswer chunks(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n"
      "\r\n");
  EXPECT_EQ(ask_within(chunks.url(), kLong).body, "abc0123456789");
  OneAnswer open("HTTP/1.0 200 OK\r\n\r\nto the end");
  EXPECT_EQ(ask_within(open.url(), kLong).body, "to the end");
}

std::string body_of(const std::string& head, const std::string& body) {
  OneAnswer server("HTTP/1.1 200 OK\r\n" + head + "\r\n\r\n" + body);
  const HttpAnswer answer = ask_within(server.url(), kLong);
  return answer.failure == HttpFailure::kNone ? answer.body : "failed: " + answer.why;
}

// RFC 9110, 5.3, 5.6.3 and 8.6; RFC 9112, 6.1 and 7.1.
TEST(HttpClientTest, ReadsWhereABodyEndsAsHttpSays) {
  const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
  for (const char* head :
       {"Transfer-Encoding: chunked", "Transfer-Encoding: Chunked", "transfer-encoding:\tCHUNKED \t",
        "Content-Length: 9\r\nTransfer-Encoding: chunked"})
    EXPECT_EQ(body_of(head, chunks), "abc") << head;
  EXPECT_EQ(
      body_of("Transfer-Encoding: chunked", "3;name=value\r\nabc\r\n2 \r\nde\r\n0\r\nTrailer: x\r\n\r\n"),
      "abcde");
  for (const char* head : {"Content-Length:3", "Content-Length:\t3", "content-length:   3  ",
                           "Content-Length: 3, 3", "Content-Length: 3\r\nContent-Length: 3"})
    EXPECT_EQ(body_of(head, "abcd"), "abc") << head;
}

TEST(HttpClientTest, NamesWhatItCannotRead) {
  for (const char* length : {"3x", "-3", "+3", "0x3", "3 4", "", "3, 4", "99999999999999999999999"})
    EXPECT_THAT(
        body_of(std::string("Content-Length: ") + length, "abc"),
        AllOf(StartsWith("failed: "), HasSubstr("Content-Length is \"" + std::string(length) + "\"")));
  EXPECT_THAT(body_of("Transfer-Encoding: gzip, chunked", "x"),
              HasSubstr("Transfer-Encoding is \"gzip, chunked\""));
  for (const char* size : {"3x", "-3", "", "g", "fffffffffffffffffffff"})
    EXPECT_THAT(body_of("Transfer-Encoding: chunked", std::string(size) + "\r\nabc\r\n0\r\n\r\n"),
                HasSubstr("the size of a chunk of the answer is \"" + std::string(size) + "\""));
  EXPECT_THAT(body_of("Transfer-Encoding: chunked", "2\r\nabc\r\n0\r\n\r\n"),
              HasSubstr("longer than its size says"));
}

TEST(HttpClientTest, ABrokenAnswerIsNone) {
  for (const char* text :
       {"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 99 OK\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n"}) {
    OneAnswer server(text);
    EXPECT_EQ(ask_within(server.url(), kLong).failure, HttpFailure::kBroken) << text;
  }
}

TEST(HttpClientTest, SilenceEndsWithTheTime) {
  OneAnswer server("HTTP/1.1 200 OK\r\n", true);
  EXPECT_EQ(ask_within(server.url(), std::chrono::milliseconds(50)).failure, HttpFailure::kTimeIsUp);
}

TEST(HttpClientTest, AnInterruptionIsHeardWhileWaiting) {
  OneAnswer server("", true);
  os::Waiting waiting(os::Clock::now() + kLong);
  std::thread other([&] { waiting.interrupt(); });
  EXPECT_EQ(HttpClient::send_once({.url = server.url()}, waiting).failure, HttpFailure::kInterrupted);
  other.join();
}

TEST(HttpClientTest, WhatIsSetForATimeIsDoneWhileWaiting) {
  OneAnswer server("", true);
  os::Waiting waiting(os::Clock::now() + std::chrono::milliseconds(100));
  int done = 0;
  waiting.do_at(os::Clock::now() + std::chrono::milliseconds(10), [&] { ++done; });
  EXPECT_EQ(HttpClient::send_once({.url = server.url()}, waiting).failure, HttpFailure::kTimeIsUp);
  EXPECT_EQ(done, 1);
}

TEST(HttpClientTest, ARefusedConnectionAndABadUrlAreToldApart) {
  std::string url;
  {
    OneAnswer gone("x");
    url = gone.url();
    static_cast<void>(ask_within(url, kLong));
  }
  EXPECT_EQ(ask_within(url, kLong).failure, HttpFailure::kRefused);
  EXPECT_THROW(static_cast<void>(ask_within("ftp://x/", kLong)), Error);
  EXPECT_THROW(static_cast<void>(ask_within("http:///x", kLong)), Error);
}

}  // namespace
}  // namespace saga_harness::http
