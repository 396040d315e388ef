#include <saga_harness/reply_body.hpp>

#include <algorithm>

namespace saga_harness {

void ReplyBody::assign(std::string_view text) {
  if (text.size() > short_.size()) {
    long_ = std::make_shared<const std::string>(text);
    return;
  }
  std::ranges::copy(text, short_.begin());
  size_ = static_cast<std::uint8_t>(text.size());
}

}  // namespace saga_harness
