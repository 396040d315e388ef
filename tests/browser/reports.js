// What the tests share: reports written by the real command, and a browser to look at them with.
"use strict";
const { execFileSync, spawnSync } = require("node:child_process");
const { createRequire } = require("node:module");
const path = require("node:path");

const root = path.join(__dirname, "../..");
const scratch = process.env.SCRATCH;
const load = createRequire(process.env.PACKAGES);
const records = (name) => path.join(root, "tests/golden/records", `${name}.runs.jsonl`);

// The file that `saga-harness report` writes; verdicts make the exit status, which is not looked at here.
function written(name, ending, ...given) {
  const file = path.join(scratch, `${name}.${ending}`);
  const done = spawnSync(process.env.SAGA_HARNESS, ["report", "--today", "2026-11-21", "-o", file, ...given]);
  if (done.status === null || done.status > 3) throw new Error(`report: ${done.stderr}`);
  return file;
}

// Records with hostile text in every field that may hold any.
function hostileRecords() {
  const file = path.join(scratch, "evil.runs.jsonl");
  execFileSync("python3", [path.join(root, "tests/reports/hostile.py"), records("violated"), file]);
  return file;
}

// A search with many kinds of faults that finds something.
function searched() {
  const folder = path.join(scratch, "travel");
  spawnSync(process.env.SAGA_HARNESS, ["explore", path.join(root, "scenarios/travel_booking.json"), "-k", "1",
    "--coordinator", "ambiguous_not_compensated", "--out", folder]);
  return folder;
}

async function launch() {
  const { chromium } = load("playwright-core");
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}

module.exports = { hostileRecords, launch, load, records, root, scratch, searched, written };
