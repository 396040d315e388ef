// node picture.js REPORT.html PICTURE.png [HASH]: the report as a browser shows it, for a README. PACKAGES and CHROMIUM as
// run.sh has them.
"use strict";
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");
const { chromium } = createRequire(process.env.PACKAGES)("playwright-core");

const [report, picture, hash = ""] = process.argv.slice(2);
(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1500, height: 1050 } });
  await page.goto(pathToFileURL(report).href + hash);
  await page.screenshot({ path: picture });
  await browser.close();
})();
