// A saga service tested against saga-harness as a side-car, with Node's own test runner and nothing else.
//
//   SAGA_HARNESS=build/release/saga-harness node --test tests/http/sidecar/node
//
// To copy: the class SideCar as it is, and tests that name your scenario and call your service.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { placeOrder } from './order_service.mjs';

const SCENARIO = fileURLToPath(new URL('../../../../scenarios/order_processing.json', import.meta.url));

/** `saga-harness serve`, and its admin API. */
class SideCar {
  static async start(scenario) {
    const sideCar = new SideCar();
    const command = process.env.SAGA_HARNESS ?? 'saga-harness';
    sideCar.process = spawn(command, ['serve', scenario], { stdio: ['ignore', 'pipe', 'inherit'] });
    sideCar.ended = once(sideCar.process, 'exit');
    const line = once(createInterface(sideCar.process.stdout), 'line');
    const died = sideCar.ended.then(([code]) => { throw new Error(`it did not start: exit code ${code}`); });
    died.catch(() => {});
    const [ready] = await Promise.race([line, died]);
    Object.assign(sideCar, JSON.parse(ready)); // admin, services
    return sideCar;
  }

  async stop() {
    this.process.kill('SIGTERM');
    const [code] = await this.ended;
    return code;
  }

  /** Status and JSON of the answer. Verdicts and verifications fail with 409, which is no error here. */
  async ask(method, path, body) {
    const response = await fetch(`${this.admin}/__admin${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: body && { 'Content-Type': 'application/json' },
    });
    return { status: response.status, answer: await response.json() };
  }

  async must(method, path, body) {
    const { status, answer } = await this.ask(method, path, body);
    assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }
}

let harness;
let order;
before(async () => { harness = await SideCar.start(SCENARIO); });
after(async () => assert.equal(await harness.stop(), 0));

beforeEach(async () => {
  // A saga id of its own: tests could run side by side over one side-car.
  const items = [{ product_id: 'PROD-1', quantity: 2 }];
  order = { id: `order-${randomUUID()}`, customer_id: 'CUST-123', total_amount: 99.99, items };
  await harness.must('POST', '/runs', { saga_id: order.id });  // before faults are ordered for it
});
afterEach(() => harness.must('POST', '/reset', { saga_id: order.id }));

const fault = (action, kind, more = {}) =>
  harness.must('POST', '/faults', { fault: kind, action, saga_id: order.id, ...more });

/** What came of it; and what the participants have to say of that: whatever fails, they must agree. */
async function place() {
  const result = await placeOrder(harness.services, order);
  await harness.must('POST', '/report', { saga_id: order.id, outcome: result.status, flagged: result.steps });
  const claims = 'idempotency_keys,names_flagged_steps';
  const { status, answer } = await harness.ask('GET', `/verdict?saga_id=${order.id}&claims=${claims}`);
  const broken = answer.verdicts.filter((rule) => rule.status === 'violated');
  assert.equal(status, 200, JSON.stringify([...broken, ...answer.outstanding]));
  return result;
}

async function assertCalled(action, times) {
  const { status, answer } = await harness.ask('POST', '/verify', { saga_id: order.id, called: { action }, times });
  assert.equal(status, 200, JSON.stringify(answer));
}

async function effects() {
  const ledger = (await harness.must('GET', `/ledgers?saga_id=${order.id}`))[order.id];
  return Object.fromEntries(
    Object.entries(ledger.effects).map(([step, effect]) => [step, effect.applied - effect.undone]));
}

test('without faults every step is done once', async () => {
  assert.deepEqual(await place(), { status: 'completed', steps: [] });
  assert.deepEqual(new Set(Object.values(await effects())), new Set([1]));
});

test('a rejected payment undoes what was done, in reverse', async () => {
  await fault('process_payment', 'rejected');
  assert.deepEqual(await place(), { status: 'compensated', steps: [] });
  assert.deepEqual(new Set(Object.values(await effects())), new Set([0]));
  await harness.must('POST', '/verify',
    { saga_id: order.id, compensated_in_order: ['release_inventory', 'cancel_order'] });
});

test('a lost answer is asked for again, and paid once', async () => {
  await fault('process_payment', 'closed_after');
  assert.deepEqual(await place(), { status: 'completed', steps: [] });
  await assertCalled('process_payment', 2);
  assert.equal((await effects()).process_payment, 1);
});

test('a compensation that keeps failing is handed to a person', async () => {
  await fault('create_shipment', 'rejected');
  await fault('refund_payment', 'unavailable', { times: 'always' });
  assert.deepEqual(await place(), { status: 'flagged', steps: ['process_payment'] });
  await assertCalled('cancel_order', 1);
});

test('a fault that does not exist is refused, with the nearest name', async () => {
  const { status, answer } = await harness.ask('POST', '/faults', { fault: 'rejcted' });
  assert.equal(status, 400);
  assert.match(JSON.stringify(answer), /rejected/);
});
