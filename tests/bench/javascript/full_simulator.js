// A simulator of sagas written by hand that does, for these six kinds of fault, what saga-harness does: any
// definition, messages in virtual time, idempotency keys, a durable log, recovery twice at the end, a trace of
// everything, and rules judged from the trace and the ledgers. Synchronous, no library, numbers rather than texts.
'use strict';

const { compare } = require('./search.js');

const DEFINITION = {
  name: 'order_processing',
  steps: [
    { name: 'create_order', service: 'order_service', compensation: 'cancel_order', attempts: 1 },
    { name: 'reserve_inventory', service: 'inventory_service', compensation: 'release_inventory', attempts: 1 },
    { name: 'process_payment', service: 'payment_service', compensation: 'refund_payment', attempts: 3 },
    { name: 'create_shipment', service: 'shipping_service', compensation: 'cancel_shipment', attempts: 2 },
    { name: 'confirm_order', service: 'order_service', compensation: null, attempts: 3, pivot: true },
  ],
  timeout: 10_000_000, // microseconds
  backoff: 100_000,
  compensationAttempts: 3,
};

const ACTION = 0, COMPENSATION = 1;
const OK = 0, REJECTED = 1, UNAVAILABLE = 2, ERROR = 3, TIMED_OUT = 4;
const REJECTS = 1, UNAVAILABLE_NOW = 2, ERROR_AFTER_EFFECT = 3, REQUEST_LOST = 4, REPLY_LOST = 5,
  REQUEST_DUPLICATED = 6;
const COMPLETED = 0, COMPENSATED = 1, FLAGGED = 2;
const LATENCY = 1000;

// Trace events.
const CALLED = 0, DELIVERED = 1, APPLIED = 2, UNDONE = 3, REPLIED = 4, LOGGED = 5, REPORTED = 6, HEALED = 7;
// Log records.
const STARTED = 0, INTENT = 1, DONE = 2, FAILED = 3, COMPENSATING = 4, COMPENSATED_STEP = 5, STUCK = 6, END = 7;

class Participant {
  constructor(simulator) {
    this.simulator = simulator;
    this.ledger = new Map(); // by step
    this.keys = new Set();
  }

  reset() {
    this.ledger.clear();
    this.keys.clear();
  }

  handle(message) {
    if (this.keys.has(message.key)) return;
    this.keys.add(message.key);
    let effect = this.ledger.get(message.step);
    if (effect === undefined) this.ledger.set(message.step, effect = { applied: 0, undone: 0, closed: false });
    if (message.operation === ACTION) {
      if (effect.closed) return;
      effect.applied++;
      this.simulator.record(APPLIED, message.step, message.operation, 0);
    } else {
      effect.closed = true;
      if (effect.applied === effect.undone) return;
      effect.undone++;
      this.simulator.record(UNDONE, message.step, message.operation, 0);
    }
  }
}

class Simulator {
  constructor(definition, mutant) {
    this.definition = definition;
    this.mutant = mutant;
    this.participants = new Map();
    for (const step of definition.steps) {
      if (!this.participants.has(step.service)) this.participants.set(step.service, new Participant(this));
    }
    this.points = [];
    this.pointCount = 0;
    this.trace = [];
    this.log = [];
    this.queue = [];
    // Keys are the same in every run.
    this.keyTexts = definition.steps.flatMap(({ name }) => ['action', 'compensation'].map(
      (operation) => `${definition.name}-1/${name}/${operation}`));
  }

  record(type, step, operation, detail) {
    this.trace.push({ at: this.now, type, step, operation, detail });
  }

  write(kind, step, flagged) {
    this.log.push({ kind, step, flagged });
    this.record(LOGGED, step, ACTION, kind);
  }

  /** Into the queue, soonest first, in order among equals. */
  post(at, message, isReply, status) {
    let place = this.queue.length;
    while (place > 0 && this.queue[place - 1].at > at) place--;
    const event = { at, message, isReply, status };
    if (place === this.queue.length) this.queue.push(event);
    else this.queue.splice(place, 0, event);
  }

  send(message) {
    const point = message.step * 16 + message.operation * 8 + message.attempt;
    let fault = 0;
    if (!this.isHealed) {
      this.points[this.pointCount++] = point;
      const plan = this.plan;
      for (let i = 0; i < plan.length; i += 2) {
        if (plan[i] === point) fault = plan[i + 1];
      }
    }
    message.fault = fault;
    if (fault === REQUEST_LOST) return;
    this.post(this.now + LATENCY, message, false, OK);
    if (fault === REQUEST_DUPLICATED) this.post(this.now + LATENCY, message, false, OK);
  }

  deliver(message) {
    this.record(DELIVERED, message.step, message.operation, message.attempt);
    let status = OK;
    switch (message.fault) {
      case REJECTS: status = REJECTED; break;
      case UNAVAILABLE_NOW: status = UNAVAILABLE; break;
      case ERROR_AFTER_EFFECT: status = ERROR; break;
    }
    if (status !== REJECTED && status !== UNAVAILABLE) this.participants.get(message.service).handle(message);
    if (message.fault !== REPLY_LOST) this.post(this.now + LATENCY, message, true, status);
  }

  /** Sends and lets time pass until the reply is there or the caller gives up. */
  call(step, operation, attempt) {
    const { service } = this.definition.steps[step];
    const message = { step, operation, attempt, service, key: this.keyTexts[step * 2 + operation], fault: 0 };
    this.record(CALLED, step, operation, attempt);
    const until = this.now + this.definition.timeout;
    this.send(message);
    while (this.queue.length > 0 && this.queue[0].at < until) {
      const event = this.queue.shift();
      this.now = event.at;
      if (!event.isReply) {
        this.deliver(event.message);
      } else if (event.message === message) {
        this.record(REPLIED, step, operation, event.status);
        return event.status;
      }
    }
    this.now = until;
    this.record(REPLIED, step, operation, TIMED_OUT);
    return TIMED_OUT;
  }

  drain() {
    while (this.queue.length > 0) {
      const event = this.queue.shift();
      this.now = Math.max(this.now, event.at);
      if (!event.isReply) this.deliver(event.message);
    }
  }

  run(plan) {
    this.plan = plan;
    this.now = 0;
    this.pointCount = 0;
    this.isHealed = false;
    this.trace = [];
    this.log = [];
    for (const participant of this.participants.values()) participant.reset();
    new Coordinator(this).run();
    this.isHealed = true;
    this.record(HEALED, -1, ACTION, 0);
    this.drain();
    for (let i = 0; i < 2; i++) {
      new Coordinator(this).run();
      this.drain();
    }
    return new Judge(this).upheld();
  }
}

/** One incarnation; what it knows is in the log. */
class Coordinator {
  constructor(simulator) {
    this.simulator = simulator;
    this.definition = simulator.definition;
    this.mutant = simulator.mutant;
    this.progress = this.definition.steps.map(() => ({ done: false, maybe: false, undone: false, stuck: false }));
    this.isStarted = this.isCompensating = this.isFailed = false;
    this.end = null;
  }

  recover() {
    for (const { kind, step, flagged } of this.simulator.log) {
      switch (kind) {
        case STARTED: this.isStarted = true; break;
        case INTENT: this.progress[step].maybe = true; break;
        case DONE: this.progress[step].done = true; break;
        case FAILED: this.isFailed = true; break;
        case COMPENSATING: this.isCompensating = true; break;
        case COMPENSATED_STEP: this.progress[step].undone = true; break;
        case STUCK: this.progress[step].stuck = true; break;
        case END: this.end = { outcome: step, flagged }; break;
      }
    }
  }

  report(outcome, flagged) {
    this.simulator.outcome = outcome;
    this.simulator.flagged = flagged;
    this.simulator.record(REPORTED, -1, ACTION, outcome);
  }

  finish(outcome, flagged) {
    this.simulator.write(END, outcome, flagged);
    this.report(outcome, flagged);
  }

  run() {
    this.recover();
    if (this.end !== null) return this.report(this.end.outcome, this.end.flagged);
    if (!this.isStarted) this.simulator.write(STARTED, -1);
    const { steps } = this.definition;
    if (!this.isCompensating && !this.isFailed) {
      let step = 0;
      while (step < steps.length && (this.progress[step].done || this.forward(step))) step++;
      if (step === steps.length) return this.finish(COMPLETED, []);
    }
    const pivot = steps.findIndex((step) => step.pivot);
    if (pivot >= 0 && this.progress[pivot].maybe) { // no way back past the pivot
      return this.finish(FLAGGED, [...steps.keys()].filter((i) => this.progress[i].done || this.progress[i].maybe));
    }
    this.backward();
  }

  forward(step) {
    const progress = this.progress[step];
    const { attempts } = this.definition.steps[step];
    let wait = this.definition.backoff;
    this.simulator.write(INTENT, step);
    for (let attempt = 1; ; attempt++) {
      const status = this.simulator.call(step, ACTION, attempt);
      if (status === OK) {
        progress.done = true;
        this.simulator.write(DONE, step);
        return true;
      }
      if (status === ERROR || status === TIMED_OUT || status === UNAVAILABLE) progress.maybe = true;
      if (status === REJECTED || attempt >= attempts) break;
      this.simulator.now += wait;
      wait *= 2;
    }
    this.simulator.write(FAILED, step);
    return false;
  }

  backward() {
    if (!this.isCompensating) this.simulator.write(COMPENSATING, -1);
    const flagged = [];
    for (let step = this.progress.length - 1; step >= 0; step--) {
      const { done, maybe, undone, stuck } = this.progress[step];
      if (undone || (!done && (!maybe || this.mutant === 'ambiguous_not_compensated'))) continue;
      if (step === 0 && this.mutant === 'skips_first') continue;
      if (stuck || !this.undo(step)) flagged.push(step);
    }
    if (this.mutant === 'failure_swallowed') flagged.length = 0;
    this.finish(flagged.length === 0 ? COMPENSATED : FLAGGED, flagged);
  }

  undo(step) {
    let wait = this.definition.backoff;
    for (let attempt = 1; ; attempt++) {
      const status = this.simulator.call(step, COMPENSATION, attempt);
      if (status === OK) {
        this.simulator.write(COMPENSATED_STEP, step);
        return true;
      }
      if (status === REJECTED || attempt >= this.definition.compensationAttempts) break;
      this.simulator.now += wait;
      wait *= 2;
    }
    this.simulator.write(STUCK, step);
    return false;
  }
}

/** The rules that these faults can break, over the trace and the ledgers. */
class Judge {
  constructor(simulator) {
    this.simulator = simulator;
    this.steps = simulator.definition.steps;
  }

  upheld() {
    return this.isTruthful() && this.isOrderly();
  }

  isTruthful() {
    const { outcome, flagged, participants } = this.simulator;
    for (let step = 0; step < this.steps.length; step++) {
      const effect = participants.get(this.steps[step].service).ledger.get(step);
      const left = effect === undefined ? 0 : effect.applied - effect.undone;
      if (left < 0 || (effect !== undefined && effect.applied > 1)) return false; // at most once
      if (outcome === COMPLETED ? left !== 1 : left !== 0 && !flagged.includes(step)) return false;
    }
    return true;
  }

  /** One pass over the trace for the rules about order, log, retries, and silence after the end. */
  isOrderly() {
    const { definition, trace } = this.simulator;
    const intended = new Set();
    const settled = new Set();
    const attempts = new Map();
    let lastUndone = Infinity, isCompensating = false, isOver = false, ended = -1;
    let lastStatus = OK, lastOperation = -1;
    for (const { type, step, operation, detail } of trace) {
      switch (type) {
        case CALLED: {
          const id = step * 2 + operation;
          if (isOver || settled.has(id)) return false; // silence
          if (!intended.has(step)) return false; // nothing unintended; write-ahead
          if (operation === ACTION && isCompensating) return false; // no going on
          if (operation === COMPENSATION) {
            if (step > lastUndone) return false; // reverse order
            lastUndone = step;
            isCompensating = true;
          }
          if (lastOperation === id && lastStatus === REJECTED) return false; // no argument
          attempts.set(id, detail);
          break;
        }
        case REPLIED:
          lastOperation = step * 2 + operation;
          lastStatus = detail;
          break;
        case LOGGED:
          if (detail === INTENT) intended.add(step);
          if (detail === DONE) settled.add(step * 2);
          if (detail === COMPENSATED_STEP) settled.add(step * 2 + 1);
          if (detail === STUCK && lastStatus !== REJECTED &&
              attempts.get(step * 2 + 1) < definition.compensationAttempts) return false; // persistence
          if (detail === END) {
            isOver = true;
            ended = step;
          }
          break;
        case REPORTED:
          if (detail !== ended) return false; // durable word
          break;
      }
    }
    return isOver;
  }
}

compare('hand-written JavaScript with messages, log, recovery, trace', (mutant) => new Simulator(DEFINITION, mutant));
