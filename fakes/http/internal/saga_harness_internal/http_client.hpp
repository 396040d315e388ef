#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness_internal/waiting.hpp>

namespace saga_harness::http {

/// A request without templates.
struct HttpRequest {
  std::string method = "GET";
  std::string url = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

enum class HttpFailure { kNone, kRefused, kBroken, kTimeIsUp, kInterrupted };

struct HttpAnswer {
  int status = 0;
  std::string head = {};  ///< status line and headers
  std::string body = {};
  HttpFailure failure = HttpFailure::kNone;
  std::string why = {};  ///< of a failure

  /// Empty if there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// Sends one request after the other, over one connection as long as the server keeps it. What goes wrong on
/// the way is in the answer.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// @throws Error if the URL is none, or its host has no address.
  HttpAnswer send(const HttpRequest& request, os::Waiting& waiting);
  /// The same over a connection of its own, which is closed afterwards.
  static HttpAnswer send_once(const HttpRequest& request, os::Waiting& waiting);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace saga_harness::http
