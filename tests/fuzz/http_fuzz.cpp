// Answers as the HTTP client reads them, and requests as the server does. An input is a line with the sizes
// of the pieces in which bytes come, and the bytes: as they are, as header lines of a good head, as a chunked
// body, and as what a chunked body carries.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/answer_reader.hpp"
#include "fuzz.hpp"
#include "server/connection.hpp"

namespace saga_harness::fuzz {
namespace {

using http::HttpAnswer;
using http::HttpFailure;

using Sizes = std::vector<std::size_t>;

constexpr std::size_t kMostPieces = 8;  // a socket that keeps pieces apart holds no more
constexpr std::size_t kMostBytes = std::size_t{1} << 14U;
constexpr http::ServerLimits kServer{.max_payload = 256};

/// `bytes` in pieces of those sizes, the rest in a last one.
std::vector<std::string> pieces_of(std::string_view bytes, const Sizes& sizes) {
  std::vector<std::string> pieces;
  for (const std::size_t size : sizes) {
    if (size == 0 || pieces.size() + 1 == kMostPieces || bytes.empty()) continue;
    pieces.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(std::min(bytes.size(), size));
  }
  if (!bytes.empty()) pieces.emplace_back(bytes);
  return pieces;
}

/// `body` in chunks of those sizes, with what else a chunk may have.
std::string chunked(std::string_view body, const Sizes& sizes) {
  constexpr std::array<std::string_view, 3> kExtensions{"", ";name=value", " ;x"};
  std::string text;
  std::size_t count = 0;
  for (const std::string& piece : pieces_of(body, sizes))
    text += fmt::format("{:x}{}\r\n{}\r\n", piece.size(), kExtensions[++count % kExtensions.size()], piece);
  return text + "0\r\nTrailer: x\r\n\r\n";
}

HttpAnswer answer_in(const std::vector<std::string>& pieces, bool is_head) {
  std::size_t next = 0;
  http::AnswerReader reader([&](std::string& bytes) {
    if (next == pieces.size()) return false;
    bytes += pieces[next++];
    return true;
  });
  return reader.read(is_head);
}

HttpAnswer check_answer(const std::string& bytes, const Sizes& sizes) {
  for (const bool is_head : {true, false}) {
    const HttpAnswer whole = answer_in({bytes}, is_head);
    const HttpAnswer in_pieces = answer_in(pieces_of(bytes, sizes), is_head);
    require(whole.failure == in_pieces.failure && whole.why == in_pieces.why &&
                whole.status == in_pieces.status && whole.head == in_pieces.head &&
                whole.body == in_pieces.body,
            "an answer is the same in whatever pieces it comes");
    const bool is_read = whole.failure == HttpFailure::kNone;
    require(is_read || whole.failure == HttpFailure::kBroken, "an answer is read or broken");
    require(is_read == whole.why.empty(), "what cannot be read is said");
    require(!is_read || (whole.status >= 200 && whole.status <= 999), "an answer has a status");
    require(!is_head || whole.body.empty(), "an answer to HEAD has no body");
    require(whole.body.size() <= bytes.size(), "a body is no longer than what came");
  }
  return answer_in({bytes}, false);
}

/// What the server made of one connection: a line a request.
struct Served {
  std::string story = {};
  std::vector<std::string> bodies = {};
};

Served serve(const std::vector<std::string>& pieces) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0, "there are sockets");
  const http::Descriptor client(ends[0]);
  const http::Descriptor server(ends[1]);
  for (const std::string& piece : pieces)
    require(::send(client.get(), piece.data(), piece.size(), MSG_DONTWAIT) >= 0, "a piece fits");
  ::shutdown(client.get(), SHUT_WR);

  Served served;
  http::RequestReader reader(server.get(), kServer);
  http::HttpHead head;
  std::atomic<std::int64_t> idle_since{0};
  for (;;) {
    const auto read = reader.read_head(head, idle_since);
    if (read == http::RequestReader::Head::kEnded) return served;
    std::string_view body;
    const bool is_read = read == http::RequestReader::Head::kRead && reader.read_body(head, body);
    require(is_read == (head.refusal == 0), "a request is read or refused with a status");
    served.story += fmt::format("{} {} {} {} {}\n", head.method, head.target, head.refusal, head.why, body);
    if (!is_read) return served;
    require(body.size() <= kServer.max_payload, "a body is no larger than the limit");
    for (const auto& [name, value] : head.headers) served.story += fmt::format("{}: {}\n", name, value);
    served.bodies.emplace_back(body);
  }
}

Served check_requests(const std::string& bytes, const Sizes& sizes) {
  Served whole = serve({bytes});
  require(whole.story == serve(pieces_of(bytes, sizes)).story,
          "requests are the same in whatever pieces they come");
  return whole;
}

/// Both read the same body, framed as it is.
void check_chunks(const std::string& chunks, const Sizes& sizes) {
  const HttpAnswer answer =
      check_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, sizes);
  const Served served =
      check_requests("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, sizes);
  if (served.bodies.empty()) return;
  require(answer.failure == HttpFailure::kNone && answer.body == served.bodies.front(),
          "client and server read the same chunks");
}

void check_framed(const std::string& body, const Sizes& sizes) {
  const std::string chunks = chunked(body, sizes);
  const HttpAnswer answer =
      check_answer("HTTP/1.1 200 OK\r\ntransfer-encoding:\tChunked \r\n\r\n" + chunks, sizes);
  require(answer.body == body, "the client reads what was sent in chunks");
  const std::string length = fmt::format("Content-Length: {}\r\n\r\n", body.size());
  require(check_answer("HTTP/1.1 200 OK\r\n" + length + body + "more", sizes).body == body,
          "the client reads a body of that length");
  if (body.size() > kServer.max_payload) return;
  const std::string next = "GET /next HTTP/1.1\r\n\r\n";
  for (const std::string& framed : {"Transfer-Encoding: chunked\r\n\r\n" + chunks, length + body}) {
    const Served served = check_requests("POST /first HTTP/1.1\r\n" + framed + next, sizes);
    require(served.bodies == std::vector<std::string>{body, ""},
            "the server reads the body, and what follows");
  }
}

}  // namespace

void try_input(std::string_view input) {
  if (input.size() > kMostBytes) return;
  const std::size_t line = std::min(input.find('\n'), input.size());
  Sizes sizes;
  for (const char *at = input.data(), *const end = at + line; at != end;) {
    std::size_t size = 0;
    const auto [next, error] = std::from_chars(at, end, size);
    if (error == std::errc() && size < kMostBytes) sizes.push_back(size);
    at = next == at ? at + 1 : next;
  }
  const std::string bytes(input.substr(std::min(line + 1, input.size())));
  check_answer(bytes, sizes);
  check_requests(bytes, sizes);
  check_answer("HTTP/1.1 200 OK\r\n" + bytes + "\r\n\r\nabc", sizes);
  check_requests("POST / HTTP/1.1\r\n" + bytes + "\r\n\r\nabc", sizes);
  check_chunks(bytes, sizes);
  check_framed(bytes, sizes);
}

}  // namespace saga_harness::fuzz
