#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {

/// Of the orchestrator in Python and its scenario.
[[nodiscard]] std::string folder();
[[nodiscard]] std::string shop();

/// Parts of TARGET.json: what the orchestrator's words mean, and how it is told to start.
[[nodiscard]] nlohmann::json statuses();
[[nodiscard]] nlohmann::json start_by(const std::string& path);

/// The orchestrator with a bug, or `none`: a server that answers at the end; one that keeps a log and is
/// asked how things stand; a process per saga.
[[nodiscard]] nlohmann::json server(const std::string& bug);
[[nodiscard]] nlohmann::json durable_server(const std::string& bug);
[[nodiscard]] nlohmann::json process_per_saga(const std::string& bug);

/// `saga-harness explore` the shop with `target`.
[[nodiscard]] Result explore(const nlohmann::json& target, std::vector<std::string> options = {});

class TargetCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 'import sqlite3' 2>/dev/null") != 0) GTEST_SKIP() << "there is no python3";
  }
};

}  // namespace saga_harness::cli_tests
