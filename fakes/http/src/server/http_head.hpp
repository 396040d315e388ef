#pragma once

#include <cstddef>
#include <string_view>

#include "server/messages.hpp"

namespace saga_harness::http {

/// What a server must know of a request before it reads its body. Views into the bytes that were scanned.
struct HttpHead {
  std::string_view method = {};
  std::string_view target = {};
  ServerRequest::Headers headers = {};
  std::size_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;
  bool keep_alive = true;
  bool is_version_10 = false;
  int refusal = 0;  ///< the status to refuse it with; 0: it is good
  std::string_view why = {};

  /// As if nothing had been scanned; keeps its room for headers.
  void clear();
};

/// Reads the request line and headers in `bytes`, up to and with the empty line.
void scan_head(std::string_view bytes, std::size_t max_payload, HttpHead& head);

}  // namespace saga_harness::http
