// A simulator of the order saga and its participants, written by hand for nothing else: synchronous, no library,
// numbers and typed arrays, every schedule run once. The least that can find these mutants: no messages (so none that
// is late or crosses another), no log, no recovery, no trace to explain a failure with, one rule. The other simulator,
// full_simulator.js, has them.
'use strict';

const { compare } = require('./search.js');

const STEPS = ['create_order', 'reserve_inventory', 'process_payment', 'create_shipment', 'confirm_order'];
const ATTEMPTS = [1, 1, 3, 2, 3];
const PIVOT = 4; // no compensation
const COMPENSATION_ATTEMPTS = 3;
const TIMEOUT = 10_000_000; // microseconds
const FIRST_BACKOFF = 100_000;

// Replies.
const OK = 0, REJECTED = 1, UNAVAILABLE = 2, ERROR = 3, TIMED_OUT = 4;
// Faults.
const NONE = 0, REJECTS = 1, UNAVAILABLE_NOW = 2, ERROR_AFTER_EFFECT = 3, REQUEST_LOST = 4, REPLY_LOST = 5,
  REQUEST_DUPLICATED = 6;
const ACTION = 0, COMPENSATION = 1;
const COMPLETED = 0, COMPENSATED = 1, FLAGGED = 2;

class Simulator {
  constructor(mutant) {
    this.ambiguousNotCompensated = mutant === 'ambiguous_not_compensated';
    this.skipsFirst = mutant === 'skips_first';
    this.failureSwallowed = mutant === 'failure_swallowed';
    this.applied = new Int32Array(5); // the ledgers of the participants, by step
    this.undone = new Int32Array(5);
    this.closed = new Uint8Array(5); // compensated before or after: a late action is refused
    this.seen = new Uint8Array(10); // idempotency keys: step and operation
    this.done = new Uint8Array(5); // what the coordinator knows
    this.maybe = new Uint8Array(5);
    this.flagged = new Uint8Array(5);
    this.points = new Int32Array(64); // met in this run, in order: step, operation, attempt
    this.pointCount = 0;
    this.plan = null;
    this.now = 0;
  }

  deliver(step, operation) {
    const key = step * 2 + operation;
    if (this.seen[key] === 1) return;
    this.seen[key] = 1;
    if (operation === ACTION) {
      if (this.closed[step] === 1) return;
      this.applied[step]++;
    } else {
      this.closed[step] = 1;
      if (this.applied[step] > this.undone[step]) this.undone[step]++;
    }
  }

  call(step, operation, attempt) {
    const point = step * 8 + operation * 4 + attempt;
    this.points[this.pointCount++] = point;
    const plan = this.plan;
    let fault = 0;
    for (let i = 0; i < plan.length; i += 2) {
      if (plan[i] === point) fault = plan[i + 1];
    }
    let reply = OK;
    switch (fault) {
      case NONE: this.deliver(step, operation); break;
      case REJECTS: reply = REJECTED; break;
      case UNAVAILABLE_NOW: reply = UNAVAILABLE; break;
      case ERROR_AFTER_EFFECT: this.deliver(step, operation); reply = ERROR; break;
      case REQUEST_LOST: this.now += TIMEOUT; reply = TIMED_OUT; break;
      case REPLY_LOST: this.deliver(step, operation); this.now += TIMEOUT; reply = TIMED_OUT; break;
      case REQUEST_DUPLICATED: this.deliver(step, operation); this.deliver(step, operation); break;
    }
    return reply;
  }

  forward(step) {
    const budget = ATTEMPTS[step];
    let wait = FIRST_BACKOFF;
    for (let attempt = 1; ; attempt++) {
      const reply = this.call(step, ACTION, attempt);
      if (reply === OK) {
        this.done[step] = 1;
            return true;
      }
      if (reply === ERROR || reply === TIMED_OUT || reply === UNAVAILABLE) this.maybe[step] = 1;
      if (reply === REJECTED || attempt >= budget) return false;
      this.now += wait;
      wait *= 2;
    }
  }

  undo(step) {
    let wait = FIRST_BACKOFF;
    for (let attempt = 1; ; attempt++) {
      const reply = this.call(step, COMPENSATION, attempt);
      if (reply === OK) {
            return true;
      }
      if (reply === REJECTED || attempt >= COMPENSATION_ATTEMPTS) return false;
      this.now += wait;
      wait *= 2;
    }
  }

  backward() {
    let outcome = COMPENSATED;
    for (let step = 4; step >= 0; step--) {
      if (this.done[step] === 0 && (this.maybe[step] === 0 || this.ambiguousNotCompensated)) continue;
      if (step === 0 && this.skipsFirst) continue;
      if (this.undo(step) || this.failureSwallowed) continue;
      this.flagged[step] = 1;
      outcome = FLAGGED;
    }
    return outcome;
  }

  saga() {
    for (let step = 0; step < 5; step++) {
      if (this.forward(step)) continue;
      if (this.maybe[PIVOT] === 0) return this.backward();
      for (let i = 0; i < 5; i++) this.flagged[i] = this.done[i] | this.maybe[i]; // no way back past the pivot
      return FLAGGED;
    }
    return COMPLETED;
  }

  /** True if the outcome agrees with the ledgers. */
  isTruthful(outcome) {
    for (let step = 0; step < 5; step++) {
      const left = this.applied[step] - this.undone[step];
      if (left < 0 || this.applied[step] > 1) return false;
      if (outcome === COMPLETED ? left !== 1 : left !== 0 && this.flagged[step] === 0) return false;
    }
    return true;
  }

  run(plan) {
    this.plan = plan;
    this.now = 0;
    this.pointCount = 0;
    for (let i = 0; i < 5; i++) {
      this.applied[i] = this.undone[i] = this.closed[i] = this.done[i] = this.maybe[i] = this.flagged[i] = 0;
      this.seen[2 * i] = this.seen[2 * i + 1] = 0;
    }
    const outcome = this.saga();
    return this.isTruthful(outcome);
  }
}

compare('hand-written JavaScript, six kinds and one rule only', (mutant) => new Simulator(mutant));
