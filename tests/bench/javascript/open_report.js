// open_report.js REPORT.html RUNS.jsonl MILLISECONDS-TO-WRITE: opens the report in new browsers, and prints what it took.
"use strict";
const fs = require("node:fs");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");
const { chromium } = createRequire(process.env.PACKAGES)("playwright-core");

const [report, runs, written] = process.argv.slice(2);
const mebibytes = (file) => (fs.statSync(file).size / 1048576).toFixed(1);

async function opened() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.goto(pathToFileURL(report).href, { waitUntil: "load" });
  const took = await page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => setTimeout(() => done({
      ms: performance.now(), elements: document.querySelectorAll("*").length,
    })));
  }));
  await browser.close();
  return took;
}

(async () => {
  const all = [];
  for (let i = 0; i < 5; ++i) all.push(await opened());
  all.sort((a, b) => a.ms - b.ms);
  const lines = fs.readFileSync(runs, "utf8").split("\n").filter((line) => line.startsWith('{"run"')).length;
  console.log(`runs                         ${lines}`);
  console.log(`records                      ${mebibytes(runs)} MiB`);
  console.log(`report                       ${mebibytes(report)} MiB (at most 20)`);
  console.log(`written in                   ${(Number(written) / 1000).toFixed(2)} s`);
  console.log(`opened and drawn in          ${(all[2].ms / 1000).toFixed(2)} s, median of 5 new browsers (at most 3)`);
  console.log(`elements                     ${all[0].elements}`);
})();
