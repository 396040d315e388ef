#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness_internal/exchange.hpp>

namespace saga_harness::http {

/// A request as it came over the wire. Views live while it is being handled.
struct ServerRequest {
  using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

  std::string_view method = {};
  std::string_view path = {};   ///< as it came, without the query
  std::string_view query = {};  ///< as it came
  std::string_view body = {};
  const Headers* headers = nullptr;
  std::uint64_t connection = 0;  ///< number of the connection, from 1
  std::uint32_t listener = 0;    ///< as given to HttpServer::listen()

  /// The first header of that name; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The first query parameter of that name, decoded; empty if there is none.
  [[nodiscard]] std::string query_parameter(std::string_view name) const;
};

struct ServerReply {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string_view body = {};
  std::string_view headers = {};  ///< more lines, each ended by CR LF
};

/// What a handler does with the connection its request came over; to be used on the handler's thread. A
/// handler that does nothing leaves the connection to be closed without an answer.
class ServerExchange {
 public:
  /// A whole answer. False if it could not be written.
  virtual bool reply(const ServerReply& reply) = 0;
  /// The bytes of a whole answer, for those that send only some of them.
  [[nodiscard]] virtual std::string bytes_of(const ServerReply& reply) = 0;
  virtual bool send(std::string_view bytes) = 0;
  /// Closes the connection: an orderly end, or with RST.
  virtual void close() = 0;
  virtual void reset() = 0;
  /// Until that much time has passed, the peer has closed or reset the connection, the server stops, or
  /// wake() is called.
  virtual wire::Waited wait(std::chrono::microseconds time) = 0;
  /// Ends wait(), or the next one; from any thread.
  virtual void wake() = 0;

 protected:
  ~ServerExchange() = default;
};

class ServerHandler {
 public:
  virtual void handle(const ServerRequest& request, ServerExchange& exchange) = 0;

 protected:
  ~ServerHandler() = default;
};

/// Case does not matter.
[[nodiscard]] bool same_header(std::string_view a, std::string_view b);
/// Without what RFC 9110, 5.6.3, calls optional white space around it.
[[nodiscard]] std::string_view without_white_space(std::string_view text);
/// What the line before a chunk gives (RFC 9112, 7.1), whose extensions nobody needs: the largest number if
/// it is larger, nothing if it is none.
[[nodiscard]] std::optional<std::size_t> chunk_size_in(std::string_view line);
/// `%41` is `A`; what is no such sequence stays. In a query `+` is a space.
[[nodiscard]] std::string percent_decoded(std::string_view text, bool in_query);
[[nodiscard]] std::string_view reason_phrase(int status);
/// Can an answer of that status have a body, and headers that describe one? (RFC 9110, 6.4.1)
[[nodiscard]] constexpr bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace saga_harness::http
