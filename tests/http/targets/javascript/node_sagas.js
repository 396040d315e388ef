// The order saga on the npm package node-sagas. The package runs steps and compensations; we only ask participants.
'use strict';

const { SagaBuilder, SagaExecutionFailed, SagaCompensationFailed } = require('node-sagas');
const { STEPS, call, serve } = require('./service.js');

function build() {
  const builder = new SagaBuilder();
  for (const step of STEPS) {
    builder.step(step.name).invoke((order) => call(order, step, step.name));
    if (step.compensation) builder.withCompensation((order) => call(order, step, step.compensation));
  }
  return builder.build();
}

serve(async (order) => {
  try {
    await build().execute(order);
    return { status: 'completed' };
  } catch (error) {
    // What the package itself says of the saga; of a failed compensation it passes on the message, which names it.
    if (error instanceof SagaExecutionFailed) return { status: 'compensated' };
    if (!(error instanceof SagaCompensationFailed)) throw error;
    const failed = STEPS.filter((step) => error.message.startsWith(`${step.compensation}:`));
    return { status: 'compensation failed', steps: failed.map((step) => step.name) };
  }
});
