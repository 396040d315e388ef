// The order saga on node-sagas, tested as its users would with fast-check: a property over arbitrary faults.
// node-sagas runs steps and compensations; retries, and naming the steps that could not be undone, are up to its user.
//
// Twice: with the definition's timeouts and backoff on a virtual clock, and without time, where a call that times out
// throws at once and nothing waits between attempts. Nobody writes a saga like the second; it is the floor.
'use strict';

const fc = require('fast-check');
const { SagaBuilder, SagaExecutionFailed } = require('node-sagas');
const { smoke, processorSeconds, median, print } = require('./measure.js');

const STEPS = [
  { name: 'create_order', attempts: 1 },
  { name: 'reserve_inventory', attempts: 1 },
  { name: 'process_payment', attempts: 3 },
  { name: 'create_shipment', attempts: 2 },
  { name: 'confirm_order', attempts: 3, isPivot: true },
];
const COMPENSATION_ATTEMPTS = 3;
const KINDS = ['rejected', 'unavailable', 'error_after_effect', 'request_lost', 'reply_lost', 'request_duplicated'];

class Rejected extends Error {}
class Unavailable extends Error {}
class Ambiguous extends Error {} // 500 or no answer: may or may not have been done

// Few testers would think of this, but stack traces are half of the time otherwise.
Error.stackTraceLimit = 0;

const TIMEOUT = 10_000; // milliseconds
const BACKOFF = 100;

/** A virtual clock: jumps to the next timer when nothing else is left to do. */
class Clock {
  constructor() {
    this.now = 0;
    this.timers = []; // soonest first; there are few
  }

  at(delay, fire) {
    const timer = { at: this.now + delay, fire };
    let place = this.timers.length;
    while (place > 0 && this.timers[place - 1].at > timer.at) place--;
    this.timers.splice(place, 0, timer);
    return timer;
  }

  cancel(timer) {
    this.timers.splice(this.timers.indexOf(timer), 1);
  }

  sleep(delay) {
    return new Promise((resolve) => this.at(delay, resolve));
  }

  async drive(promise) {
    let isOver = false;
    const over = () => { isOver = true; };
    promise.then(over, over);
    while (!isOver) {
      await new Promise(setImmediate); // all that is ready runs
      if (isOver) break;
      const timer = this.timers.shift();
      this.now = timer.at;
      timer.fire();
    }
    return promise;
  }
}

class Participant {
  constructor() {
    this.seen = new Set(); // idempotency keys
    this.closed = false;
    this.applied = 0;
    this.undone = 0;
  }

  handle(operation, key) {
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (operation === 'action') {
      if (this.closed) return;
      this.applied++;
    } else {
      this.closed = true;
      if (this.applied > this.undone) this.undone++;
    }
  }
}

class Network {
  constructor(faults, clock) {
    this.participants = STEPS.map(() => new Participant());
    this.faults = faults; // kind by point
    this.clock = clock;
    this.met = []; // points, in order
  }

  /** Nothing came back: without a clock the caller knows at once, else never. */
  silence() {
    if (!this.clock) throw new Ambiguous();
    return new Promise(() => {});
  }

  call(step, operation, attempt) {
    if (!this.clock) return this.send(step, operation, attempt);
    return new Promise((resolve, reject) => {
      const timer = this.clock.at(TIMEOUT, () => reject(new Ambiguous()));
      const end = (settle) => (value) => {
        this.clock.cancel(timer);
        settle(value);
      };
      this.send(step, operation, attempt).then(end(resolve), end(reject));
    });
  }

  async send(step, operation, attempt) {
    const participant = this.participants[step];
    const key = operation === 'action' ? step : step + STEPS.length;
    const point = pointOf(step, operation, attempt);
    this.met.push(point);
    switch (this.faults.get(point)) {
      case 'rejected': throw new Rejected();
      case 'unavailable': throw new Unavailable();
      case 'error_after_effect': participant.handle(operation, key); throw new Ambiguous();
      case 'request_lost': return this.silence();
      case 'reply_lost': participant.handle(operation, key); return this.silence();
      case 'request_duplicated': participant.handle(operation, key); participant.handle(operation, key); return;
      default: participant.handle(operation, key);
    }
  }
}

function pointOf(step, operation, attempt) {
  return step * 8 + (operation === 'action' ? 0 : 4) + attempt;
}

function orderSaga(network, state, mutant) {
  const { clock } = network;
  const builder = new SagaBuilder();
  STEPS.forEach((step, number) => {
    builder.step(step.name).invoke(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          await network.call(number, 'action', attempt);
          state.done[number] = true;
          return;
        } catch (error) {
          if (!(error instanceof Rejected)) state.maybe[number] = true; // a copy of what was turned away may be accepted
          if (error instanceof Rejected || attempt >= step.attempts) {
            state.pastPivot = step.isPivot === true && state.maybe[number];
            throw error;
          }
          if (clock) await clock.sleep(BACKOFF * 2 ** (attempt - 1));
        }
      }
    }).withCompensation(async () => {
      if (!state.done[number] && (!state.maybe[number] || mutant === 'ambiguous_not_compensated')) return;
      if (state.pastPivot) { // no way back past the pivot
        state.flagged.add(number);
        return;
      }
      if (number === 0 && mutant === 'skips_first') return;
      for (let attempt = 1; ; attempt++) {
        try {
          return await network.call(number, 'compensation', attempt);
        } catch (error) {
          if (error instanceof Rejected || attempt >= COMPENSATION_ATTEMPTS) {
            if (mutant !== 'failure_swallowed') state.flagged.add(number);
            return; // thrown on, it would keep node-sagas from compensating the others
          }
          if (clock) await clock.sleep(BACKOFF * 2 ** (attempt - 1));
        }
      }
    });
  });
  return builder.build();
}

async function isTruthful(network, mutant) {
  const state = { done: [], maybe: [], flagged: new Set(), pastPivot: false };
  let isCompleted = true;
  try {
    const end = orderSaga(network, state, mutant).execute({});
    await (network.clock ? network.clock.drive(end) : end);
  } catch (error) {
    if (!(error instanceof SagaExecutionFailed)) throw error;
    isCompleted = false;
  }
  return network.participants.every(({ applied, undone }, number) => {
    const left = applied - undone;
    if (left < 0 || applied > 1) return false;
    return isCompleted ? left === 1 : left === 0 || state.flagged.has(number);
  });
}

// Every fault at every point there can be, known from the definition; a property draws up to two of them.
const FAULTS = [];
STEPS.forEach(({ attempts, isPivot }, step) => {
  for (const kind of KINDS) {
    for (let attempt = 1; attempt <= attempts; attempt++) FAULTS.push([pointOf(step, 'action', attempt), kind]);
    for (let attempt = 1; !isPivot && attempt <= COMPENSATION_ATTEMPTS; attempt++) {
      FAULTS.push([pointOf(step, 'compensation', attempt), kind]);
    }
  }
});

// Runs the property; stops at the first failure, which is not shrunk.
async function check(mutant, seed, numRuns, withClock) {
  let runs = 0;
  const start = processorSeconds();
  let killed;
  const property = fc.asyncProperty(fc.array(fc.constantFrom(...FAULTS), { maxLength: 2 }), async (faults) => {
    runs++;
    if (await isTruthful(new Network(new Map(faults), withClock ? new Clock() : undefined), mutant)) return true;
    killed ??= { schedules: runs, ms: (processorSeconds() - start) * 1e3 };
    return false;
  });
  const details = await fc.check(property, { seed, numRuns, endOnFailure: true });
  return { runs, killed, seconds: processorSeconds() - start, failed: details.failed };
}

/** How many schedules there are with up to two faults: a check that this saga is the same one. */
async function countExhaustively(withClock) {
  let count = 0;
  let plans = [[]];
  for (let faults = 0; faults <= 2; faults++) {
    const next = [];
    for (const plan of plans) {
      count++;
      const network = new Network(new Map(plan), withClock ? new Clock() : undefined);
      if (!(await isTruthful(network, ''))) throw new Error('the saga is violated without a bug');
      const later = plan.length === 0 ? 0 : network.met.indexOf(plan.at(-1)[0]) + 1;
      for (const point of network.met.slice(later)) {
        for (const kind of KINDS) next.push([...plan, [point, kind]]);
      }
    }
    plans = next;
  }
  return count;
}

async function measure(subject, withClock) {
  const numRuns = smoke ? 200 : 20_000;
  let best = Infinity;
  for (let seed = 1; seed <= (smoke ? 1 : 8); seed++) {
    const { seconds, failed, runs } = await check('', seed, numRuns, withClock);
    if (failed) throw new Error('the saga is violated without a bug');
    best = Math.min(best, seconds / runs);
  }
  const kills = {};
  for (const mutant of ['ambiguous_not_compensated', 'skips_first', 'failure_swallowed']) {
    const found = [];
    for (let seed = 1; seed <= (smoke ? 3 : 21); seed++) {
      found.push((await check(mutant, seed, 1_000_000, withClock)).killed);
    }
    kills[mutant] = { schedules: median(found.map((one) => one.schedules)), ms: median(found.map((one) => one.ms)) };
  }
  print({ subject, per_second: Math.round(1 / best), schedules: await countExhaustively(withClock), kills });
}

async function main() {
  await measure('fast-check over node-sagas', true);
  await measure('fast-check over node-sagas, without time', false);
}

main();
