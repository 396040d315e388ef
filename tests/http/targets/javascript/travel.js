// A trip of scenarios/travel_booking.json: flight, hotel and car are reserved at the same time, a shuttle if there is no car,
// and the card is charged last, once. What was reserved is released at the same time, too.
//
// BUG=promise_all: the first reservation that fails ends the waiting for the others.
'use strict';

const http = require('node:http');

const impatient = process.env.BUG === 'promise_all';
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Throws, with `maybe` set if it is not known that nothing was done. */
async function ask(trip, service, action, attempts) {
  let maybe = false;
  for (let attempt = 1; ; attempt++) {
    let status = 0;
    let retryAfter = 0.005;
    try {
      const response = await fetch(`${process.env[service]}/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-saga-id': trip.id, 'idempotency-key': `${trip.id}/${action}` },
        body: JSON.stringify(trip.wishes),
        signal: AbortSignal.timeout(400),
      });
      retryAfter = Number(response.headers.get('retry-after') ?? retryAfter);
      const text = await response.text();
      if (response.ok) JSON.parse(text);
      status = response.status;
    } catch {
      // no answer, or half of one
    }
    if (status >= 200 && status < 300) return;
    const isSure = status === 429 || status === 503 || (status >= 400 && status < 500);
    maybe ||= !isSure;
    const mayHelp = status === 0 || status === 429 || status >= 500;
    if (!mayHelp || attempt >= attempts) throw Object.assign(new Error(`${action}: ${status}`), { maybe });
    await sleep(1000 * retryAfter);
  }
}

async function run(trip) {
  const done = [];
  /** Leaves behind what has to be undone if it did, or may have done, something. */
  const book = async (service, action, compensation, attempts) => {
    try {
      await ask(trip, service, action, attempts);
      done.push([service, compensation]);
    } catch (error) {
      if (error.maybe) done.push([service, compensation]);
      throw error;
    }
  };
  const car = async () => {
    try {
      await book('CARS', 'reserve_car', 'release_car', 1);
    } catch (error) {
      if (error.maybe) throw error;
      await book('CARS', 'reserve_shuttle', 'release_car', 1);
    }
  };
  try {
    await book('BOOKINGS', 'open_booking', 'close_booking', 1);
    const reservations = [
      book('AIRLINE', 'reserve_flight', 'release_flight', 2),
      book('HOTELS', 'reserve_hotel', 'release_hotel', 3),
      car(),
    ];
    if (impatient) await Promise.all(reservations);
    const failed = (await Promise.allSettled(reservations)).filter(({ status }) => status === 'rejected');
    if (failed.length > 0) throw failed[0].reason;
    await book('PAYMENTS', 'charge_card', 'refund_card', 1);
    return 'booked';
  } catch (error) {
    return undo(trip, done);
  }
}

async function undo(trip, done) {
  const levels = [['refund_card'], ['release_flight', 'release_hotel', 'release_car'], ['close_booking']];
  let isStuck = false;
  for (const level of levels) {
    const mine = done.filter(([, compensation]) => level.includes(compensation));
    const undone = await Promise.allSettled(mine.map(([service, compensation]) => ask(trip, service, compensation, 3)));
    isStuck ||= undone.some(({ status }) => status === 'rejected');
  }
  return isStuck ? 'help' : 'cancelled';
}

http.createServer(async (request, response) => {
  let text = '';
  for await (const piece of request) text += piece;
  const outcome = text === '' ? 'ready' : await run({ id: request.url.slice(1), wishes: JSON.parse(text) });
  response.end(outcome === 'ready' ? outcome : JSON.stringify({ outcome }));
}).listen(Number(process.env.PORT), '127.0.0.1');
