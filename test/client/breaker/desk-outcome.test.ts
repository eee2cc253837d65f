import { describe, expect, it } from 'vitest';
import { orderOutcomes, positionOutcomes } from '../../../src/client/desk-outcome.ts';
import { order, position, taken } from './views.ts';

const closing = taken('close_positions');

describe('what has become of a position', () => {
  it('is closed at the mean price of all that closed it, whoever did', () => {
    const orders = [
      order({ orderId: 'stop', incident: null, kind: 'protection', filledQuantity: '0.5', averageFillPrice: '96' }),
      order({ orderId: 'exit', filledQuantity: '1.5', averageFillPrice: '100' }),
    ];
    expect(positionOutcomes([position()], [], orders, closing)).toEqual([
      {
        strategy: 'dip buyer',
        symbol: 'BTCUSDT',
        side: 'LONG',
        outcome: 'closed',
        held: null,
        price: '99',
        orderId: 'exit',
        note: '',
      },
    ]);
  });

  it('is told of by its exit, also where it was gone before anybody looked', () => {
    expect(positionOutcomes([], [], [order()], closing)).toMatchObject([{ outcome: 'closed', price: '100' }]);
    expect(positionOutcomes([], [], [order({ incident: null })], closing)).toEqual([]);
  });

  it('is a short that is bought back', () => {
    const short = position({ side: 'SHORT' });
    const orders = [order({ side: 'SELL', incident: null }), order({ side: 'BUY', averageFillPrice: '80' })];
    expect(positionOutcomes([short], [], orders, closing)).toMatchObject([{ outcome: 'closed', price: '80' }]);
  });

  it.each([
    ['its exit is at work', order({ status: 'open', filledQuantity: '0', note: 'resting' }), closing, /open: resting/],
    ['nothing was tried', undefined, taken('close_positions', 'pending'), /not come to yet/],
    ['nobody wants it closed', undefined, undefined, /leaves positions open/],
    [
      'its exit was refused',
      order({ status: 'rejected', filledQuantity: '0', note: 'too small' }),
      closing,
      /rejected: too small/,
    ],
    [
      'the action waits',
      undefined,
      taken('close_positions', 'waiting', 'the venue does not answer'),
      /the venue does not answer/,
    ],
  ])('is open and why: %s', (_title, exit, action, note) => {
    const [outcome] = positionOutcomes([position()], [position()], exit ? [exit] : [], action);
    expect(outcome).toMatchObject({ outcome: 'open', held: '2', price: null });
    expect(outcome?.note).toMatch(note);
  });

  it('is partly closed, with what is left', () => {
    const exit = order({ status: 'partially_filled', filledQuantity: '0.5', averageFillPrice: '99' });
    expect(positionOutcomes([position()], [position({ quantity: '1.5' })], [exit], closing)).toMatchObject([
      { outcome: 'partly closed', held: '1.5', price: '99' },
    ]);
  });

  it("is a strategy's own: another one's on the same market is not mixed up with it", () => {
    const other = position({ strategyId: 'b', strategy: 'other' });
    const outcomes = positionOutcomes([position(), other], [other], [order()], closing);
    expect(outcomes.map(({ strategy, outcome, price }) => [strategy, outcome, price])).toEqual([
      ['dip buyer', 'closed', '100'],
      ['other', 'open', null],
    ]);
  });
});

describe('what has become of an order', () => {
  it("is how it stands now; the incident's own exits are told of with their positions", () => {
    const orders = [
      order(),
      order({ orderId: 'a', incident: null, status: 'cancelled', note: 'cancelled' }),
      order({ orderId: 'b', incident: null, status: 'unknown', note: 'not found' }),
    ];
    expect(orderOutcomes(orders).map(({ orderId, atWork, note }) => [orderId, atWork, note])).toEqual([
      ['a', false, 'cancelled'],
      ['b', true, 'not found'],
    ]);
  });
});
