// What the tests in this folder test: a small order saga, as a service of yours could have it.

const STEPS = [
  { service: 'order_service', action: 'create_order', compensation: 'cancel_order' },
  { service: 'inventory_service', action: 'reserve_inventory', compensation: 'release_inventory' },
  { service: 'payment_service', action: 'process_payment', compensation: 'refund_payment' },
  { service: 'shipping_service', action: 'create_shipment', compensation: 'cancel_shipment' },
  { service: 'order_service', action: 'confirm_order', compensation: null },
];
const ATTEMPTS = 3;

/** true if it was done, false if it certainly was not, undefined if nobody knows. */
async function call(services, order, service, action, timeout) {
  const headers = {
    'content-type': 'application/json',
    'x-saga-id': order.id,
    'idempotency-key': `${order.id}/${action}`,
  };
  let outcome = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const signal = AbortSignal.timeout(timeout);
      const body = JSON.stringify(order);
      const response = await fetch(`${services[service]}/${action}`, { method: 'POST', headers, body, signal });
      await response.json();
      if (response.ok) return true;
      if (response.status < 500) return outcome;
      if (response.status !== 503) outcome = undefined;
    } catch {
      outcome = undefined;
    }
  }
  return outcome;
}

/** `services` are URLs by name. `completed`, `compensated` or `flagged`, and the steps that may be left. */
export async function placeOrder(services, order, timeout = 500) {
  const begun = [];
  for (const step of STEPS) {
    const done = await call(services, order, step.service, step.action, timeout);
    if (done !== false) begun.unshift(step);
    if (done) continue;
    if (done === undefined && !step.compensation) return { status: 'flagged', steps: begun.map((it) => it.action) };
    const left = [];
    for (const { service, action, compensation } of begun) {
      if (!(await call(services, order, service, compensation, timeout))) left.push(action);
    }
    return left.length ? { status: 'flagged', steps: left } : { status: 'compensated', steps: [] };
  }
  return { status: 'completed', steps: [] };
}
