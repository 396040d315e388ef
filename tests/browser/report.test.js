// The HTML report as a person meets it: mouse and keys, without scripts, behind the policy of others, dark, printed,
// narrow, offline, hostile.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const { after, before, test } = require("node:test");
const { pathToFileURL } = require("node:url");
const { hostileRecords, launch, load, records, searched, written } = require("./reports.js");

const axe = fs.readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
const jenkinsPolicy = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';";
let browser;
const file = {};

before(async () => {
  browser = await launch();
  const baseline = written("clean", "json", "--format", "json", records("clean"));
  file.violated = written("violated", "html", "--format", "html", "--gate", "--min-held", "95", "--baseline", baseline,
    records("violated"));
  file.travel = written("travel", "html", "--format", "html", searched());
  file.excluded = written("excluded", "html", "--format", "html", records("excluded"), records("vacuous"));
  file.choreography = written("choreography", "html", "--format", "html", records("choreography"));
  file.evil = written("evil", "html", "--format", "html", "--gate", hostileRecords());
});
after(async () => browser?.close());

// A page on which nothing may go wrong unnoticed.
async function open(name, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.troubles = [];
  page.requests = [];
  page.on("pageerror", (error) => page.troubles.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.troubles.push(message.text()));
  page.on("dialog", (dialog) => { page.troubles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => page.requests.push(request.url()));
  await page.goto(pathToFileURL(file[name]).href + hash);
  return page;
}

async function violationsFound(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(" | ")}`);
}

const violatedLink = (page) => page.locator(".matrix td.violated a").first();

// The address changes after the click has been answered: whoever asks at once may find the page as it was.
async function openPanel(page, link = violatedLink(page)) {
  await link.click();
  const panel = page.locator("article.cell.open");
  await panel.waitFor();
  return panel;
}

test("a click on a cell shows its runs, plan, drawing, token, test and command", async () => {
  const page = await open("violated");
  const panel = await openPanel(page);
  const name = (await violatedLink(page).getAttribute("title")).split(": ")[0];
  assert.equal(await panel.locator("h4 code").textContent(), "reserve.action@call:reply_lost");
  assert.ok(name.length > 0);
  assert.match(await panel.textContent(), /3 of 3 runs/);
  const copies = await panel.locator("pre.copy").allTextContents();
  assert.equal(copies[0], "reserve.action#1:reply_lost");
  assert.match(copies[1], /^saga-harness replay parcel\.json sh1-/);
  assert.match(copies[2], /^sh1-/);
  assert.match(copies[3], /^TEST\(/);
  assert.ok((await panel.locator("svg").boundingBox()).height > 100);
  assert.match(await panel.locator("svg").textContent(), /first divergence/);
  assert.match(await panel.locator("table").first().textContent(), /reserve.*stock_service.*1.*0.*1/s);
  assert.equal(await panel.locator("ul.runs li").count(), 3);
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("Escape closes the panel and leads back to the cell; so does its button", async () => {
  const page = await open("violated");
  for (const leave of [() => page.keyboard.press("Escape"), () => page.locator("article.open .close").click()]) {
    await openPanel(page);
    await leave();
    assert.equal(await page.locator("article.cell.open").count(), 0);
    assert.equal(await violatedLink(page).evaluate((link) => link === document.activeElement), true);
  }
  await page.context().close();
});

test("keys lead through the matrix and open a cell", async () => {
  const page = await open("violated");
  const focused = () => page.evaluate(() => document.activeElement.title ?? "");
  await page.locator(".matrix tbody a").first().focus();
  const first = await focused();
  assert.match(first, /^reserve\.action@call:rejected:/);
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(), /^reserve\.action@call:rejected_in_body:/);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(), /^reserve\.compensation@call:rejected_in_body:/);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), first);
  assert.equal(await page.locator('.matrix tbody a[tabindex="0"]').count(), 1, "one stop for Tab");
  await page.keyboard.press("Enter");
  await page.locator("article.cell.open").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.className), "cell held open");
  await page.context().close();
});

test("every link leads somewhere, and no name is given twice", async () => {
  for (const name of ["violated", "travel", "excluded", "evil"]) {
    const page = await open(name);
    const wrong = await page.evaluate(() => {
      const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
      const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
      const links = [...document.querySelectorAll('a[href^="#"]')].map((each) => each.getAttribute("href").slice(1));
      return [...twice, ...links.filter((id) => !document.getElementById(id))];
    });
    assert.deepEqual(wrong, [], name);
    await page.context().close();
  }
});

test("a deep link opens its cell, its finding, its search", async () => {
  const first = await open("violated");
  const cell = await violatedLink(first).getAttribute("href");
  const finding = await first.locator("article.finding").first().getAttribute("id");
  await first.context().close();
  const withCell = await open("violated", { hash: cell });
  assert.equal(await withCell.locator("article.cell.open").count(), 1);
  await withCell.context().close();
  const withFinding = await open("violated", { hash: `#${finding}` });
  assert.equal(await withFinding.evaluate(() => document.activeElement.id), finding);
  await withFinding.context().close();
  const withSearch = await open("violated", { hash: "#?q=reply_lost&without=held%2Cnot_fired" });
  assert.equal(await withSearch.locator(".matrix tbody tr:not(.away)").count(), 1);
  assert.equal(await withSearch.locator('#tools button[aria-pressed="false"]').count(), 2);
  await withSearch.context().close();
});

test("search and filter leave what fits, and say how much", async () => {
  const page = await open("violated");
  await page.locator("#tools input").fill("pay.action@call:reply_lost");
  assert.equal(await page.locator(".matrix tbody tr:not(.away)").count(), 1);
  assert.equal(await page.locator('#tools [role="status"]').textContent(), "1 of 149 cells");
  assert.match(page.url(), /#\?q=pay/);
  await page.locator("#tools input").fill("no such thing");
  assert.equal(await page.locator("article.finding:not(.away)").count(), 0);
  await page.locator("#tools input").fill("");
  for (const button of await page.locator("#tools button[aria-pressed]").all()) {
    if (!(await button.textContent()).includes("violated")) await button.click();
  }
  assert.equal(await page.locator(".matrix tbody tr:not(.away)").count(), 1, "violated ones stand in one row");
  assert.equal(await page.locator('#tools [role="status"]').textContent(), "2 of 149 cells");
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("what is to be copied is copied", async () => {
  const page = await open("violated", { permissions: ["clipboard-read", "clipboard-write"] });
  const block = page.locator("article.finding pre.copy").nth(1);
  const button = page.locator("article.finding .copies button").nth(1);
  await button.click();
  await button.filter({ hasText: /^Copied$/ }).waitFor();  // said once it is done
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await block.textContent());
  await page.context().close();
});

test("it stands without scripts", async () => {
  const page = await open("violated", { javaScriptEnabled: false });
  assert.equal(await page.locator("#tools").isVisible(), false);
  assert.ok((await page.locator(".matrix").boundingBox()).height > 300);
  assert.ok((await page.locator("article.finding svg").first().boundingBox()).height > 100);
  const href = await violatedLink(page).getAttribute("href");
  await violatedLink(page).click();
  await page.waitForURL((url) => url.hash === href);
  const article = page.locator(`[id="${href.slice(1)}"]`);
  assert.ok(await article.isVisible());
  const box = await article.boundingBox();
  assert.ok(box.y >= 0 && box.y < 900, "the link leads to it");
  await page.context().close();
});

test("it stands behind the policy of Jenkins, which lets neither script nor style through", async () => {
  const server = http.createServer((_, reply) => {
    reply.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": jenkinsPolicy });
    reply.end(fs.readFileSync(file.violated));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const cell = page.locator(".matrix td.violated").first();
  assert.equal(await cell.evaluate((each) => getComputedStyle(each).backgroundColor), "rgb(255, 206, 203)");
  assert.equal(await page.evaluate(() => document.documentElement.className), "", "the script did not run");
  assert.equal(await page.locator("h1").evaluate((each) => getComputedStyle(each).margin !== "4.8px 0px"), true);
  assert.match(await cell.textContent(), /✗ violated/);
  const drawing = page.locator("article.finding svg").first();
  assert.ok((await drawing.boundingBox()).height > 100);
  assert.equal(await drawing.locator("rect.fault").first().evaluate((each) => getComputedStyle(each).fill),
    "rgb(255, 235, 233)");
  assert.ok(await page.locator("article.cell").first().isVisible());
  assert.equal(await page.locator("#tools").isVisible(), false);
  await page.close();
  await new Promise((done) => server.close(done));
});

test("it asks nobody for anything, and needs no network", async () => {
  const page = await open("violated", { offline: true });
  await openPanel(page);
  assert.deepEqual(page.requests, [pathToFileURL(file.violated).href]);
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/);
  await page.context().close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing, ${colorScheme}`, async () => {
    for (const name of ["violated", "travel", "excluded", "evil"]) {
      const page = await open(name, { colorScheme, bypassCSP: true });
      assert.deepEqual(await violationsFound(page), [], name);
      await openPanel(page, page.locator(".matrix td a").first());
      assert.deepEqual(await violationsFound(page), [], `${name} with a panel`);
      await page.context().close();
    }
  });
}

test("dark is dark, and the button turns it over", async () => {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const page = await open("violated", { colorScheme: "dark" });
  assert.equal(await ground(page), "rgb(13, 17, 23)");
  await page.getByRole("button", { name: "Dark or light" }).click();
  assert.equal(await ground(page), "rgb(255, 255, 255)");
  await page.getByRole("button", { name: "Dark or light" }).click();
  assert.equal(await ground(page), "rgb(13, 17, 23)");
  await page.context().close();
});

test("printed it is white, has no tools, and shows every failing cell", async () => {
  const page = await open("violated", { colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  assert.equal(await page.locator("#tools").isVisible(), false);
  assert.equal(await page.locator("article.cell.violated:visible").count(), 2);
  assert.equal(await page.locator("article.cell:not(.violated):visible").count(), 0);
  assert.ok((await page.pdf()).length > 20_000);
  await page.context().close();
});

test("on 400 pixels nothing sticks out", async () => {
  for (const name of ["violated", "travel", "evil"]) {
    const page = await open(name, { viewport: { width: 400, height: 800 } });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 400, name);
    const panel = await (await openPanel(page, page.locator(".matrix td a").first())).boundingBox();
    assert.ok(panel.x >= 0 && panel.x + panel.width <= 401, `${name}: ${JSON.stringify(panel)}`);
    await page.context().close();
  }
});

test("hostile text does nothing, and is shown", async () => {
  const page = await open("evil");
  assert.deepEqual(page.troubles, []);
  assert.equal(page.requests.length, 1);
  assert.equal(await page.locator("script").count(), 1, "ours");
  assert.equal(await page.locator("img, iframe, object, form").count(), 0);
  const text = await page.evaluate(() => document.body.textContent);
  for (const shown of ["</script><!--<script>alert(1)</script>", "]]>", "&lt;&#0;&", "\\x00nul", "\\x1b[31mred", "line\\u{2028}para",
    "\\u{202e}right to left", "| a | b |", "a;b#c$$d", "<img src=x onerror=alert(1)>", "\u{1f600}", "bytes more)"]) {
    assert.ok(text.includes(shown), shown);
  }
  await page.context().close();
});

test("a choreography is drawn with its bus, and its events go there", async () => {
  const page = await open("choreography");
  const drawing = page.locator("article.finding svg").first();
  const labels = await drawing.locator("text").allTextContents();
  assert.ok(labels.includes("bus") && !labels.includes("coordinator"), labels.join(", "));
  assert.ok(labels.includes("order.created"));
  const inside = await drawing.evaluate((svg) => [...svg.querySelectorAll("rect.note")].every((each) =>
    each.x.baseVal.value >= 0 && each.x.baseVal.value + each.width.baseVal.value <= svg.width.baseVal.value));
  assert.ok(inside, "no note is cut off");
  await page.context().close();
});

test("the trend names what has changed since the baseline", async () => {
  const page = await open("violated");
  const text = await page.locator("section.saga").textContent();
  assert.match(text, /The baseline does not know this saga/);
  await page.context().close();
});
