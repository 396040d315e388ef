#include <saga_harness/error.hpp>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga.hpp>

namespace saga_harness {
namespace {

template <class Call>
Error error_from(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error;
  }
  return Error("(no error)", ErrorKind::kInternal);
}

TEST(ErrorTest, SaysItsFieldsInOneLine) {
  const Error error(ErrorText{
      .source = "order.json", .pointer = "/steps/0", .message = "it has no name", .fix = "give it one"});
  EXPECT_STREQ(error.what(), "order.json: /steps/0: it has no name; give it one");
  EXPECT_EQ(error.source(), "order.json");
  EXPECT_EQ(error.pointer(), "/steps/0");
  EXPECT_EQ(error.message(), "it has no name");
  EXPECT_EQ(error.fix(), "give it one");
  EXPECT_EQ(error.kind(), ErrorKind::kMisuse);
}

TEST(ErrorTest, LeavesOutWhatItDoesNotHave) {
  EXPECT_EQ(to_string(ErrorText{.message = "no"}), "no");
  EXPECT_EQ(to_string(ErrorText{.message = "no", .fix = "yes"}), "no; yes");
  EXPECT_EQ(to_string(ErrorText{.source = "f", .message = "no"}), "f: no");
  EXPECT_EQ(to_string(ErrorText{.source = "f", .line = 3, .column = 5, .message = "no"}), "f:3:5: no");
  EXPECT_EQ(to_string(ErrorText{.message = "no", .more = "and no"}), "no\nand no");
}

TEST(ErrorTest, KeepsItsFieldsWithinSomethingLarger) {
  const Error inner(ErrorText{.source = "step pay", .message = "no", .fix = "yes"}, ErrorKind::kIncomplete);
  const Error error = inner.within("saga order");
  EXPECT_STREQ(error.what(), "saga order: step pay: no; yes");
  EXPECT_EQ(error.fix(), "yes");
  EXPECT_EQ(error.kind(), ErrorKind::kIncomplete);
  EXPECT_STREQ(Error("no").within("saga order").what(), "saga order: no");
}

TEST(ErrorTest, OfADocumentHasFileAndPointer) {
  const Error error = error_from([] {
    return parse_saga(R"({"name": "s", "steps": [{"name": "a", "service": "x", "timeout": 3}]})",
                      "order.json");
  });
  EXPECT_EQ(error.source(), "order.json");
  EXPECT_EQ(error.pointer(), "/steps/0/timeout");
  EXPECT_EQ(error.message(), "the duration 3 has no unit");
  EXPECT_THAT(error.fix(), testing::HasSubstr("3ms"));
}

TEST(ErrorTest, OfADurationInADocumentHasFileAndPointerToo) {
  const Error error = error_from([] {
    return parse_saga(R"({"name": "s", "steps": [{"name": "a", "service": "x", "timeout": "3"}]})", "o.json");
  });
  EXPECT_EQ(error.source(), "o.json");
  EXPECT_EQ(error.pointer(), "/steps/0/timeout");
  EXPECT_THAT(error.message(), testing::HasSubstr("is not a duration"));
}

TEST(ErrorTest, OfWhatIsNoJsonHasLineAndColumn) {
  const Error error = error_from([] { return parse_saga("{\n  oops\n}", "order.json"); });
  EXPECT_EQ(error.source(), "order.json");
  EXPECT_EQ(error.text().line, 2);
  EXPECT_EQ(error.text().column, 3);
}

TEST(ErrorTest, OfADefinitionHasTheFirstProblemInItsFieldsAndTheOthersBelow) {
  const Error error = error_from([] {
    validate(Saga{.name = "s",
                  .steps = {{.name = "a", .service = "", .pivot = true}, {.name = "", .service = "x"}}});
    return 0;
  });
  EXPECT_EQ(error.source(), "saga \"s\"");
  EXPECT_EQ(error.pointer(), "/steps/0/service");
  EXPECT_FALSE(error.fix().empty());
  EXPECT_THAT(error.text().more, testing::HasSubstr("saga \"s\": /steps/1/name: "));
  EXPECT_THAT(std::string(error.what()), testing::HasSubstr(error.text().more));
}

TEST(ErrorTest, OfAnUnknownNameHasTheNearestAsItsFix) {
  const Error error = error_from([] { return parse_fault_kind("reply_lots"); });
  EXPECT_EQ(error.message(), "there is no fault kind \"reply_lots\"");
  EXPECT_EQ(error.fix(), "did you mean \"reply_lost\"?");
}

}  // namespace
}  // namespace saga_harness
