#pragma once

#include <string_view>

/// What the build made of reports/assets; the hashes are hexadecimal.
namespace saga_harness::reports {

extern const std::string_view kStyleText;
extern const std::string_view kStyleSha256;
extern const std::string_view kScriptText;
extern const std::string_view kScriptSha256;

}  // namespace saga_harness::reports
