// The order saga on the npm package @medusajs/orchestration: its transactions, its retries, its idempotency keys.
'use strict';

const {
  PermanentStepFailureError, TransactionHandlerType, TransactionOrchestrator, TransactionState,
} = require('@medusajs/orchestration');
const { STEPS, call, serve } = require('./service.js');

const definition = STEPS.reduceRight((next, step) => ({
  action: step.name,
  maxRetries: step.attempts - 1,
  noCompensation: !step.compensation,
  ...(next && { next }),
}), undefined);
const orchestrator = new TransactionOrchestrator({ id: 'order_processing', definition });
const byName = new Map(STEPS.map((step) => [step.name, step]));

const STATUS = {
  [TransactionState.DONE]: 'completed',
  [TransactionState.REVERTED]: 'compensated',
  [TransactionState.FAILED]: 'failed',
};

serve(async (order) => {
  const handler = async (name, direction, payload) => {
    const step = byName.get(name);
    const action = direction === TransactionHandlerType.INVOKE ? step.name : step.compensation;
    try {
      return await call(order, step, action, payload.metadata.idempotency_key);
    } catch (error) {
      throw error.isFinal ? new PermanentStepFailureError(error.message) : error;
    }
  };
  const transaction = await orchestrator.beginTransaction({ transactionId: order.saga_id, handler, payload: {} });
  await orchestrator.resume(transaction);
  const { state } = transaction.getFlow();
  const failed = transaction.getErrors(TransactionHandlerType.COMPENSATE).map((error) => error.action);
  return { status: STATUS[state] ?? state, ...(failed.length && { steps: [...new Set(failed)] }) };
});
