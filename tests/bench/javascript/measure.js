// Time and output, the same for both JavaScript sides.
'use strict';

const smoke = process.argv.includes('--smoke');

/** Processor seconds of the whole process: user and system, every thread. */
function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(record) {
  console.log(JSON.stringify(record));
}

module.exports = { smoke, processorSeconds, median, print };
