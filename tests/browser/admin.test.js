// A web page at another origin tries every operation of the admin API of `saga-harness serve`: nothing happens.
"use strict";
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const http = require("node:http");
const path = require("node:path");
const readline = require("node:readline");
const { after, before, test } = require("node:test");
const { load, root } = require("./reports.js");

const kForeignName = "evil.example"; // leads to this machine in the browser of these tests
const fault = { fault: "status", status: 503, times: "always" };
const bodies = {
  addFaults: fault,
  openRun: { saga_id: "foreign" },
  report: { outcome: "completed", saga_id: "own" },
  verify: { called: { service: "payment_service" }, times: 0 },
};
let sideCar, ready, browser, pages;

before(async () => {
  sideCar = spawn(process.env.SAGA_HARNESS, ["serve", path.join(root, "scenarios/order_processing.json")],
    { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await new Promise((done) => readline.createInterface(sideCar.stdout).once("line", (text) => done([text])));
  ready = JSON.parse(line);
  pages = http.createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>a page</title>");
  });
  await new Promise((done) => pages.listen(0, "127.0.0.1", done));
  browser = await load("playwright-core").chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", `--host-resolver-rules=MAP ${kForeignName} 127.0.0.1`],
  });
  await ask("POST", "/runs", { saga_id: "own" });
  await ask("POST", "/faults", fault);
});
after(async () => {
  await browser?.close();
  pages?.close();
  sideCar?.kill("SIGTERM");
});

async function ask(method, where, body) {
  const response = await fetch(`${ready.admin}/__admin${where}`,
    { method, body: body && JSON.stringify(body), headers: body && { "Content-Type": "application/json" } });
  assert.ok(response.ok, `${method} ${where}: ${response.status}`);
  return response.json();
}

async function state() {
  const all = {};
  for (const where of ["/faults", "/runs", "/runs/own", "/scenario", "/services", "/journal", "/ledgers"]) all[where] = await ask("GET", where);
  return JSON.stringify(all);
}

// Every operation of the API, with a body where it takes one.
async function operations() {
  const { paths } = await ask("GET", "/openapi.json");
  return Object.entries(paths).flatMap(([where, methods]) => Object.entries(methods).map(([method, { operationId }]) => ({
    method: method.toUpperCase(),
    url: ready.admin + where.replace("{id}", where.includes("runs") ? "own" : "1"),
    body: JSON.stringify(bodies[operationId] ?? {}),
  })));
}

// Runs in the page: each operation in each way that a page has. How many answers it could read.
async function attack({ all }) {
  let read = 0;
  const types = ["application/json", "text/plain", "application/x-www-form-urlencoded", undefined];
  for (const { method, url, body } of all) {
    for (const mode of ["no-cors", "cors"]) {
      for (const type of types) {
        for (const sent of method === "GET" ? [undefined] : [new Blob([body]), undefined]) {
          try {
            const response = await fetch(url, { method, mode, headers: type ? { "Content-Type": type } : {}, body: sent });
            if (response.type !== "opaque" && response.ok) ++read;
          } catch { /* refused, as it should be */ }
        }
      }
    }
    if (method !== "GET") navigator.sendBeacon(url, new Blob([body]));
    await new Promise((done) => {
      const image = new Image();
      image.onload = image.onerror = done;
      image.src = url;
    });
  }
  return read;
}

test("a page at another origin can neither do nor read anything", async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${pages.address().port}/`);
  const all = await operations();
  assert.ok(all.length > 20, `only ${all.length} operations`);
  const before = await state();
  assert.equal(await page.evaluate(attack, { all }), 0);
  assert.equal(await state(), before);
});

test("a form at another origin is sent in vain", async () => {
  const before = await state();
  for (const where of ["/reset", "/heal", "/drain"]) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${pages.address().port}/`);
    await page.setContent(`<form method="post" action="${ready.admin}/__admin${where}"><button>go</button></form>`);
    const [answer] = await Promise.all([page.waitForNavigation(), page.click("button")]);
    assert.equal(answer.status(), 403);
    await page.close();
  }
  assert.equal(await state(), before);
});

test("a name that somebody else made to lead here is not answered", async () => {
  const page = await browser.newPage();
  const own = new URL(ready.admin);
  await page.goto(`http://${kForeignName}:${own.port}/__admin/health`);
  const all = (await operations()).map((each) => ({ ...each, url: each.url.replace(own.hostname, kForeignName) }));
  const before = await state();
  assert.equal(await page.evaluate(attack, { all }), 0);
  assert.equal(await state(), before);
});

test("who is no page of another origin is served", async () => {
  const page = await browser.newPage();
  await page.goto(`${ready.admin}/__admin/health`);
  const status = await page.evaluate(async () => (await fetch("/__admin/faults", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ fault: "hang", saga_id: "own" }),
  })).status);
  assert.equal(status, 201);
});
