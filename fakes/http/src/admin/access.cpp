#include "admin/access.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include <saga_harness_internal/text.hpp>

#include "admin/admin.hpp"
#include "server/sockets.hpp"

namespace saga_harness::http {
namespace {

using internal::in_quotes;

/// Takes as long wherever the first difference is.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i] ^ (b.empty() ? '\1' : b[i % b.size()]));
  return difference == 0;
}

bool has_token(const ServerRequest& request, std::string_view token) {
  constexpr std::string_view kBearer = "Bearer ";
  std::string_view given = request.header("Authorization");
  if (!given.starts_with(kBearer)) return false;
  given.remove_prefix(kBearer.size());
  return same_secret(token, given);
}

/// `[::1]:80` is `::1`.
std::string_view name_in_host(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

/// Where only this machine can reach us, a name that is not this machine's is one that somebody else made to
/// lead here (DNS rebinding). Others cannot be told apart, but need a token.
bool is_our_name(std::string_view name, const HttpFakesOptions& options) {
  if (!is_loopback(options.bind)) return true;
  constexpr std::array<std::string_view, 2> kOurs{"localhost", "::1"};
  const bool is_ours = std::any_of(kOurs.begin(), kOurs.end(),
                                   [name](std::string_view ours) { return same_header(name, ours); });
  const bool is_address = name.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_ours || (is_address && name.starts_with("127.")) || same_header(name, options.advertise);
}

void check_origin(const ServerRequest& request) {
  const std::string_view origin = request.header("Origin");
  const std::string own = fmt::format("http://{}", request.header("Host"));
  if (!origin.empty() && !same_header(origin, own)) {
    throw AdminRefusal{403, "a page of " + in_quotes(origin) +
                                " may not use the admin API: ask for it from a program, not from a page"};
  }
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (site == "cross-site" || site == "same-site")
    throw AdminRefusal{403, "a page of another origin may not use the admin API"};
}

}  // namespace

void check_access(const ServerRequest& request, const HttpFakesOptions& options) {
  const std::string_view host = request.header("Host");
  if (!host.empty() && !is_our_name(name_in_host(host), options)) {
    throw AdminRefusal{403, fmt::format("{} is not the name of this server: use {}, or say --advertise",
                                        in_quotes(name_in_host(host)), url_host(options.bind))};
  }
  check_origin(request);
  if (!options.token.empty() && !has_token(request, options.token))
    throw AdminRefusal{401, "give the token: Authorization: Bearer TOKEN"};
}

void check_body_type(const ServerRequest& request) {
  std::string_view type = request.header("Content-Type");
  type = without_white_space(type.substr(0, type.find(';')));
  constexpr std::string_view kSuffix = "+json";
  const bool has_suffix =
      type.size() > kSuffix.size() && same_header(type.substr(type.size() - kSuffix.size()), kSuffix);
  if (same_header(type, "application/json") || has_suffix) return;
  throw AdminRefusal{415,
                     fmt::format("the body is said to be {}: send JSON with Content-Type: application/json",
                                 type.empty() ? "nothing" : in_quotes(type))};
}

}  // namespace saga_harness::http
