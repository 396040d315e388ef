// The order saga in Node with a journal of its own: one file, a line for every fact, written and flushed before anything is
// done about it. POST /orders answers 202; GET /orders/ID says how the saga stands. Started again over the same file, it
// goes on where it was.
//
// BUG=writes_late: what is about to be asked is written down only once it was answered.
'use strict';

const fs = require('node:fs');
const http = require('node:http');

const [file] = process.argv.slice(2);
const late = process.env.BUG === 'writes_late';
const STEPS = [
  ['order_service', 'create_order', 'cancel_order'],
  ['inventory_service', 'reserve_inventory', 'release_inventory'],
  ['payment_service', 'process_payment', 'refund_payment'],
  ['shipping_service', 'create_shipment', 'cancel_shipment'],
  ['order_service', 'confirm_order', null],
];
const ATTEMPTS = 3;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const sagas = new Map(); // id: { order, facts: Map(action: word), state, open }
const handle = fs.openSync(file, 'a+');

function remember(fact) {
  if (fact.order) sagas.set(fact.id, { order: fact.order, facts: new Map(), state: 'working', open: [] });
  const saga = sagas.get(fact.id);
  if (fact.action) saga.facts.set(fact.action, fact.word);
  if (fact.state) Object.assign(saga, { state: fact.state, open: fact.open });
}

function write(fact) {
  fs.writeSync(handle, `${JSON.stringify(fact)}\n`);
  fs.fdatasyncSync(handle);
  remember(fact);
}

function readAll() {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  for (const line of lines) {
    if (line === '') continue;
    try {
      remember(JSON.parse(line));
    } catch {
      // The last line may be torn.
    }
  }
}

/** 'done', 'refused' or 'unknown', and how long to wait before asking again; null: it is no use. */
async function ask(id, saga, service, action) {
  let response;
  try {
    response = await fetch(`${saga.order.services[service]}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `${id}.${action}` },
      body: JSON.stringify(saga.order.content),
      signal: AbortSignal.timeout(500),
    });
    const text = await response.text();
    if (response.ok) JSON.parse(text);
  } catch {
    return ['unknown', 10];
  }
  if (response.ok) return ['done', null];
  if (response.status === 429 || response.status === 503) {
    return ['refused', 1000 * Number(response.headers.get('retry-after') ?? 0.01)];
  }
  return response.status < 500 ? ['refused', null] : ['unknown', 10];
}

async function settle(id, saga, service, action) {
  const known = saga.facts.get(action);
  if (known && known !== 'asking') return known;
  let word = known === 'asking' ? 'unknown' : 'refused'; // before we died we may have asked
  if (!late) write({ id, action, word: 'asking' });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const [said, pause] = await ask(id, saga, service, action);
    if (said !== 'refused') word = said;
    if (said === 'done' || pause === null) break;
    if (attempt < ATTEMPTS) await sleep(pause);
  }
  write({ id, action, word });
  return word;
}

async function run(id) {
  const saga = sagas.get(id);
  const begun = [];
  for (const step of STEPS) {
    const [service, action, compensation] = step;
    const word = await settle(id, saga, service, action);
    if (word !== 'refused') begun.push(step);
    if (word === 'done') continue;
    if (word === 'unknown' && compensation === null) {
      return write({ id, state: 'manual', open: begun.map(([, name]) => name) });
    }
    const open = [];
    for (const [of, undone, back] of begun.reverse()) {
      if (await settle(id, saga, of, back) !== 'done') open.push(undone);
    }
    return write({ id, state: open.length > 0 ? 'manual' : 'undone', open });
  }
  return write({ id, state: 'done', open: [] });
}

const server = http.createServer(async (request, response) => {
  let text = '';
  for await (const piece of request) text += piece;
  const id = decodeURIComponent(request.url.split('/')[2] ?? '');
  if (request.method === 'POST') {
    const order = JSON.parse(text);
    if (!sagas.has(order.id)) {
      write({ id: order.id, order: { content: order.content, services: order.services } });
      run(order.id);
    }
  }
  const saga = sagas.get(id);
  const status = request.method === 'POST' ? 202 : saga ? 200 : 404;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(saga ? { state: saga.state, open: saga.open } : {}));
});

readAll();
for (const [id, saga] of sagas) if (saga.state === 'working') run(id);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
