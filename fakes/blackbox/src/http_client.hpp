#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waiting.hpp"

namespace saga_harness::blackbox {

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
  std::string body = {};
  HttpFailure failure = HttpFailure::kNone;
  std::string why = {};  ///< of a failure
};

/// One request on a connection of its own. What goes wrong on the way is in the answer.
/// @throws Error if the URL is none, or its host has no address.
[[nodiscard]] HttpAnswer ask(const HttpRequest& request, Waiting& waiting);

}  // namespace saga_harness::blackbox
