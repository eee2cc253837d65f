import { assert, constant, integer, property, shuffledSubarray, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reservedAfter, settlementOf } from '../../../src/domain/accounting/settlement.ts';
import { dec, text, zero } from '../../../src/domain/decimal.ts';
import { trade, tradesArbitrary } from './trades.ts';

const assets = { base: 'BTC', quote: 'USDT' };
const reservation = (asset: string, amount: string, side: 'BUY' | 'SELL') => ({ asset, amount: dec(amount), side });
const left = (...args: Parameters<typeof reservedAfter>): string => text(reservedAfter(...args));

describe('what is left of a reservation', () => {
  it('is less by what a purchase pays and a sale hands over, fees in that asset included', () => {
    const bought = [trade('BUY', '2', '100', { fee: ['1', 'USDT'] })];
    expect(left(reservation('USDT', '300', 'BUY'), bought, assets)).toBe('99');
    const sold = [trade('SELL', '2', '100', { fee: ['0.1', 'BTC'] })];
    expect(left(reservation('BTC', '3', 'SELL'), sold, assets)).toBe('0.9');
  });

  it('is less by the notional of a sale that reserved quote: it is collateral now', () => {
    expect(left(reservation('USDT', '300', 'SELL'), [trade('SELL', '2', '100')], assets)).toBe('100');
  });

  it('is nothing, and never less, where the trades took more', () => {
    expect(left(reservation('USDT', '150', 'BUY'), [trade('BUY', '1', '100'), trade('BUY', '1', '100')], assets)).toBe(
      '0',
    );
  });

  it('is the same whatever the order of the trades, and whether they come at once or one by one', () => {
    const cases = tradesArbitrary(['BUY']).chain((trades) =>
      tuple(
        constant(trades),
        shuffledSubarray([...trades], { minLength: trades.length }),
        integer({ min: 0, max: 2_000 }),
      ),
    );
    assert(
      property(cases, ([trades, shuffled, amount]) => {
        const from = reservation('USDT', String(amount), 'BUY');
        let one = from.amount;
        for (const each of shuffled) one = reservedAfter({ ...from, amount: one }, [each], assets);
        expect(text(one)).toBe(left(from, trades, assets));
      }),
    );
  });
});

describe('how balances change', () => {
  const plain = (changes: ReturnType<typeof settlementOf>) =>
    [...changes].map(([asset, { total, locked }]) => [asset, text(total), text(locked)]);

  it('takes a fee in a third asset from that asset, and leaves out what does not change', () => {
    const fresh = [
      trade('BUY', '1', '100', { fee: ['0.1', 'BNB'] }),
      trade('BUY', '1', '100', { fee: ['0.2', 'BNB'] }),
    ];
    const changes = settlementOf({
      assets,
      fresh,
      moved: { base: zero, quote: dec('-200') },
      reserved: { asset: 'USDT', amount: dec('-200') },
      collateral: zero,
    });
    expect(plain(changes)).toEqual([
      ['USDT', '-200', '-200'],
      ['BNB', '-0.3', '0'],
    ]);
  });

  it('locks what a short was sold for and as much of the reservation', () => {
    const changes = settlementOf({
      assets,
      fresh: [trade('SELL', '1', '100')],
      moved: { base: zero, quote: dec('100') },
      reserved: { asset: 'USDT', amount: dec('-100') },
      collateral: dec('200'),
    });
    expect(plain(changes)).toEqual([['USDT', '100', '100']]);
  });
});
