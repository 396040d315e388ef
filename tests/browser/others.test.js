// What others make of our formats: Mermaid renders what we wrote, ajv agrees with the schema.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { hostileRecords, launch, load, records, root, searched, written } = require("./reports.js");

let browser;
let page;
const given = {};
before(async () => {
  for (const name of ["clean", "violated", "vacuous", "truncated", "excluded", "hostile", "choreography"]) given[name] = records(name);
  given.evil = hostileRecords();
  given.travel = searched();
  browser = await launch();
  page = await browser.newPage();
  await page.setContent("<body></body>");
  await page.addScriptTag({ path: load.resolve("mermaid/dist/mermaid.min.js") });
  await page.evaluate(() => window.mermaid.initialize({ startOnLoad: false, maxTextSize: 1_000_000, maxEdges: 5000 }));
});
after(async () => browser?.close());

const decoded = (text) => text.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
const plain = (text) => text.replace(/\s+/g, " ").trim();

async function render(source) {
  return page.evaluate(async (text) => {
    await window.mermaid.parse(text);
    const { svg } = await window.mermaid.render("drawn", text);
    const holder = document.createElement("div");
    holder.innerHTML = svg;
    return {
      texts: [...holder.querySelectorAll(".messageText, .noteText, .actor, .nodeLabel, .cluster-label")].map((each) => each.textContent),
      all: holder.textContent,
    };
  }, source);
}

// Every label of the source stands in the drawing as it was meant.
function missing(labels, drawn) {
  const all = plain(drawn.all);
  return labels.map((label) => plain(decoded(label))).filter((label) => !all.includes(label));
}

for (const name of ["clean", "violated", "vacuous", "truncated", "excluded", "hostile", "choreography", "evil", "travel"]) {
  test(`Mermaid draws the diagrams of ${name} with every label as it is`, async () => {
    const markdown = fs.readFileSync(written(`${name}-mermaid`, "md", "--format", "markdown", given[name]), "utf8");
    const sequences = [...markdown.matchAll(/^```mermaid\n(.*?)^```$/gms)].map((match) => match[1]);
    if (["violated", "hostile", "choreography", "evil", "travel"].includes(name)) assert.ok(sequences.length > 0);
    for (const source of sequences) {
      const labels = [...source.matchAll(/^ {2}(?:participant \w+ as |Note over [\w,]+: |\w+-?->>\w+: )(.*)$/gm)].map((match) => match[1]);
      assert.equal(labels.length, source.trim().split("\n").length - 1, "every line has a label");
      assert.deepEqual(missing(labels, await render(source)), []);
    }
    const diagram = fs.readFileSync(written(`${name}-diagram`, "mmd", "--format", "diagram", given[name]), "utf8");
    const labels = [...diagram.matchAll(/\["(.*?)"\]/g)].flatMap((match) => match[1].split("<br/>"));
    assert.ok(labels.length > 2);
    assert.deepEqual(missing(labels, await render(diagram)), []);
  });
}

test("ajv accepts every report and refuses what the schema forbids", () => {
  const Ajv = load("ajv");
  const schema = JSON.parse(fs.readFileSync(path.join(root, "reports/schema/saga-report.schema.json"), "utf8"));
  const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true }).compile(schema);
  let report;
  for (const name of Object.keys(given)) {
    const file = written(`${name}-schema`, "json", "--format", "json", given[name]);
    report = JSON.parse(fs.readFileSync(file, "utf8"));
    assert.ok(validate(report), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  }
  const spoil = {
    "another format": (it) => { it.format = "saga_harness.report/0"; },
    "a key nobody knows": (it) => { it.sagas[0].colour = "red"; },
    "no cells": (it) => { delete it.sagas[0].cells; },
    "a status nobody knows": (it) => { it.sagas[0].cells[0].status = "green"; },
    "a 64-bit count as a number": (it) => { it.runs = 1; },
    "a clock outside of volatile": (it) => { it.written_at = "now"; },
  };
  for (const [what, change] of Object.entries(spoil)) {
    const wrong = structuredClone(report);
    change(wrong);
    assert.equal(validate(wrong), false, what);
  }
});
