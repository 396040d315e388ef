#pragma once

#include <string_view>

#include <saga_harness/http_fakes.hpp>

#include "server/messages.hpp"

namespace saga_harness::http {

/// Throws an AdminRefusal unless the request may be served: 403 for what a web page of another origin may
/// have sent, by its `Origin`, `Sec-Fetch-Site` or `Host`; 401 without the token.
void check_access(const ServerRequest& request, const HttpFakesOptions& options);
/// Throws an AdminRefusal (415) if the body is not said to be JSON. Without leave of the server asked,
/// browsers send only bodies of other types to another origin.
void check_body_type(const ServerRequest& request);

}  // namespace saga_harness::http
