// The search over a simulator written by hand, and its measuring. A simulator has run(plan), which says whether its
// rules hold; `points` and `pointCount`, the places of the last run where a fault could strike. A plan is
// [point, fault, …].
'use strict';

const { smoke, processorSeconds, median, print } = require('./measure.js');

const FAULTS = 6; // numbered from 1

/** Every plan of up to `maxFaults` faults, fewest first; a plan's children fault at a later point than its last. */
function search(simulator, maxFaults, stopAtFirst) {
  let level = [[]];
  let schedules = 0, violated = 0;
  for (let faults = 0; faults <= maxFaults; faults++) {
    const next = [];
    for (const plan of level) {
      schedules++;
      if (!simulator.run(plan)) {
        violated++;
        if (stopAtFirst) return { schedules, violated };
      }
      if (faults === maxFaults) continue;
      const last = plan.length === 0 ? -1 : plan[plan.length - 2];
      let place = 0;
      if (last !== -1) {
        while (simulator.points[place] !== last) place++;
        place++;
      }
      for (; place < simulator.pointCount; place++) {
        for (let fault = 1; fault <= FAULTS; fault++) next.push([...plan, simulator.points[place], fault]);
      }
    }
    level = next;
  }
  return { schedules, violated };
}

/** Processor seconds of one call; repeated, as the clock counts microseconds. */
function best(rounds, repeats, work) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const start = processorSeconds();
    for (let j = 0; j < repeats; j++) work();
    times.push((processorSeconds() - start) / repeats);
  }
  return { least: Math.min(...times), median: median(times) };
}

function compare(subject, make) {
  let result;
  const { least } = best(smoke ? 1 : 30, smoke ? 1 : 50, () => { result = search(make(''), 2, false); });
  if (result.violated !== 0) throw new Error('the simulated saga is violated without a bug');
  const kills = {};
  for (const mutant of ['ambiguous_not_compensated', 'skips_first', 'failure_swallowed']) {
    let found;
    const time = best(smoke ? 3 : 51, 20, () => { found = search(make(mutant), 2, true); });
    if (found.violated === 0) throw new Error(`${mutant} survived`);
    kills[mutant] = { schedules: found.schedules, ms: time.median * 1e3 };
  }
  print({ subject, per_second: Math.round(result.schedules / least), schedules: result.schedules, kills });
}

module.exports = { compare };
