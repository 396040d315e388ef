#include "fiber.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include <saga_harness/error.hpp>

namespace saga_harness {
namespace {

TEST(FiberTest, StopsInTheMiddleAndGoesOn) {
  Fiber fiber;
  std::string seen;
  fiber.prepare([&] {
    seen += "a";
    fiber.pause();
    seen += "c";
  });
  fiber.resume();
  seen += "b";
  EXPECT_FALSE(fiber.is_done());
  fiber.resume();
  EXPECT_TRUE(fiber.is_done());
  EXPECT_EQ(seen, "abc");
}

TEST(FiberTest, IsUsedAgain) {
  Fiber fiber;
  int runs = 0;
  for (int i = 0; i < 1000; ++i) {
    fiber.prepare([&] {
      fiber.pause();
      ++runs;
    });
    fiber.resume();
    fiber.resume();
  }
  EXPECT_EQ(runs, 1000);
}

TEST(FiberTest, WhatIsThrownComesOutOfResume) {
  Fiber fiber;
  fiber.prepare([&] {
    fiber.pause();
    throw std::runtime_error("x");
  });
  fiber.resume();
  EXPECT_THROW(fiber.resume(), std::runtime_error);
  EXPECT_TRUE(fiber.is_done());
}

// Without an exchange of what the runtime knows of exceptions, the handler of one ends that of the other.
TEST(FiberTest, HandlersOfTwoFibersDoNotMix) {
  Fiber first;
  Fiber second;
  std::string caught;
  const auto body = [&caught](Fiber& self, const std::string& what) {
    return [&caught, &self, what] {
      try {
        throw std::runtime_error(what);
      } catch (const std::exception& error) {
        self.pause();
        caught += error.what();
        try {
          throw;
        } catch (const std::exception& again) {
          caught += again.what();
        }
      }
    };
  };
  first.prepare(body(first, "1"));
  second.prepare(body(second, "2"));
  first.resume();
  second.resume();
  first.resume();
  second.resume();
  EXPECT_EQ(caught, "1122");
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  EXPECT_EQ(std::current_exception(), nullptr);
}

TEST(FiberTest, MisuseIsSaid) {
  Fiber fiber;
  EXPECT_THROW(fiber.resume(), Error);
  fiber.prepare([&] { fiber.pause(); });
  fiber.resume();
  EXPECT_THROW(fiber.prepare([] {}), Error);
  fiber.resume();
}

}  // namespace
}  // namespace saga_harness
