#include <gtest/gtest.h>

#include <saga_harness/trace.hpp>

namespace saga_harness {
namespace {

TEST(SaysFailureTest, ReadsTheBodysOwnMember) {
  EXPECT_TRUE(says_failure(R"({"success":false})"));
  EXPECT_TRUE(says_failure("{ \"id\": 7,\n  \"success\" : false, \"error\": \"no\" }"));
  EXPECT_FALSE(says_failure(R"({"success":true})"));
  EXPECT_FALSE(says_failure(R"({"ok":true})"));
  EXPECT_FALSE(says_failure(""));
}

TEST(SaysFailureTest, IsNotFooledByWhatMerelyLooksLikeIt) {
  EXPECT_FALSE(says_failure(R"({"items":[{"success":false}],"success":true})"));
  EXPECT_FALSE(says_failure(R"({"child":{"success":false}})"));
  EXPECT_FALSE(says_failure(R"({"note":"\"success\":false"})"));
  EXPECT_FALSE(says_failure(R"({"status":"success","other":false})"));
  EXPECT_TRUE(says_failure(R"({"status":"success","success":false})"));
  EXPECT_TRUE(says_failure(R"({"child":{"success":true},"success":false})"));
}

TEST(SaysFailureTest, SurvivesTextThatIsNoJson) {
  EXPECT_FALSE(says_failure("{\"success\""));
  EXPECT_FALSE(says_failure("{\"success\":"));
  EXPECT_FALSE(says_failure("\"success\\"));
  EXPECT_FALSE(says_failure("}}}\"success\":false"));
}

TEST(ReplyStatusTest, IsADefiniteRefusalOrASureNo) {
  for (std::size_t place = 0; place < kReplyStatusCount; ++place) {
    const auto status = static_cast<ReplyStatus>(place);
    const bool refused = status == ReplyStatus::kRejected || status == ReplyStatus::kUnauthorized ||
                         status == ReplyStatus::kConflict;
    const bool later = status == ReplyStatus::kUnavailable || status == ReplyStatus::kRateLimited;
    EXPECT_EQ(is_definite_refusal(status), refused) << name_of(status);
    EXPECT_EQ(is_sure_no(status), refused || later) << name_of(status);
  }
}

}  // namespace
}  // namespace saga_harness
