#pragma once

#include <string>
#include <string_view>

/// The style sheet and the script of the HTML report (reports/assets), built in.
namespace saga_harness::reports {

[[nodiscard]] std::string_view style_text();
[[nodiscard]] std::string_view script_text();
/// SHA-256 in base64, as a Content-Security-Policy names what it lets in.
[[nodiscard]] std::string style_hash();
[[nodiscard]] std::string script_hash();

}  // namespace saga_harness::reports
