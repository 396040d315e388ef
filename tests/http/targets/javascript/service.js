// What the Node targets have in common: the order saga, how a participant is asked, and a server that starts a saga and
// answers with how it ended. Which step comes next, what is undone, and what is tried again, is not decided here.
'use strict';

const http = require('node:http');

const STEPS = [
  { name: 'create_order', service: 'order_service', compensation: 'cancel_order', attempts: 1 },
  { name: 'reserve_inventory', service: 'inventory_service', compensation: 'release_inventory', attempts: 1 },
  { name: 'process_payment', service: 'payment_service', compensation: 'refund_payment', attempts: 3 },
  { name: 'create_shipment', service: 'shipping_service', compensation: 'cancel_shipment', attempts: 2 },
  { name: 'confirm_order', service: 'order_service', attempts: 3, isPivot: true },
];
const TOKEN = process.env.SERVICE_TOKEN ?? '';
const TIMEOUT = Number(process.env.CALL_TIMEOUT_MS ?? 1000);

/** A participant said no, or nothing that can be understood. */
class CallFailed extends Error {
  constructor(message, { isFinal = false, isSureNo = false, retryAfter = 0 } = {}) {
    super(message);
    this.isFinal = isFinal; // asking again will not help
    this.isSureNo = isSureNo; // nothing was done
    this.retryAfter = retryAfter; // milliseconds
  }
}

function understand(response, body, action, correlation) {
  const name = `${action}: ${response.status}`;
  if (response.ok) {
    if ((response.headers.get('x-correlation-id') ?? correlation) !== correlation) {
      throw new CallFailed(`${action}: an answer to another request`);
    }
    if (body.success === false) throw new CallFailed(`${action}: no`, { isFinal: true, isSureNo: true });
    return body;
  }
  if (response.status === 429 || response.status === 503) {
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    throw new CallFailed(name, { isSureNo: true, retryAfter: seconds * 1000 });
  }
  const isFinal = response.status >= 400 && response.status < 500;
  throw new CallFailed(name, { isFinal, isSureNo: isFinal });
}

/** POST {service}/{action}: the body of the answer, or CallFailed. */
async function call(order, step, action, key) {
  const headers = {
    'content-type': 'application/json',
    'x-saga-id': order.saga_id,
    'x-correlation-id': order.saga_id,
    authorization: `Bearer ${TOKEN}`,
    ...(key && { 'idempotency-key': key }),
  };
  const body = JSON.stringify({ saga_id: order.saga_id, ...order.context });
  const signal = AbortSignal.timeout(TIMEOUT);
  let response, answer;
  try {
    response = await fetch(`${order.services[step.service]}/${action}`, { method: 'POST', headers, body, signal });
    answer = await response.json();
  } catch (error) {
    throw new CallFailed(`${action}: ${error.cause?.code ?? error.name}`); // no answer, or none that can be read
  }
  return understand(response, answer, action, order.saga_id);
}

/** POST /orders {"saga_id", "context", "services"} answers with what `run` returns: {"status", …}. */
function serve(run) {
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    let result;
    try {
      result = await run(JSON.parse(text));
    } catch (error) {
      console.error(error);
      result = { status: 'broken', error: String(error) };
    }
    response.writeHead(result.status === 'broken' ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(result));
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
  });
}

module.exports = { STEPS, CallFailed, call, serve };
