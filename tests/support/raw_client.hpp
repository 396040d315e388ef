#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saga_harness::http_tests {

/// How a connection ended, as a socket sees it.
enum class End {
  kOpen,    ///< it is still there
  kClosed,  ///< FIN: recv gave 0
  kReset,   ///< RST: recv gave ECONNRESET
};

/// What came back for a request.
struct Answer {
  int status = 0;  ///< 0: no status line came
  std::string head = {};
  std::string body = {};
  std::string bytes = {};  ///< all of it, as it came
  bool is_whole = false;   ///< as long as it said it would be
  End end = End::kOpen;

  [[nodiscard]] std::string header(std::string_view name) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A TCP connection with nothing between the test and the bytes.
class RawClient {
 public:
  /// To `URL`'s host and port. @throws std::runtime_error if it is refused.
  explicit RawClient(const std::string& url);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  /// Reads one answer, until it is whole, the connection ends, or the time is up.
  Answer receive(std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// Sends a request with Content-Length, and with Host and a JSON Content-Type unless `headers` say
  /// otherwise (an empty value: none). Reads its answer.
  Answer request(std::string_view method, std::string_view target, std::string_view body = {},
                 const Headers& headers = {});
  void shut_writing();
  /// Ends the connection with RST.
  void reset();
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_ = -1;
  std::string rest_ = {};  // what came after the last answer
};

/// One request on a connection of its own; `url` with a path.
Answer post(const std::string& url, std::string_view body = "{}", const Headers& headers = {});
Answer get(const std::string& url, const Headers& headers = {});
[[nodiscard]] bool is_refused(const std::string& url);

}  // namespace saga_harness::http_tests
