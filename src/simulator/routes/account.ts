import { zero } from '../../domain/decimal.ts';
import { amount } from '../binance-shapes.ts';
import type { Route } from './route.ts';

const signedGet = { method: 'GET', signed: true } as const;

export const accountRoutes: readonly Route[] = [
  {
    ...signedGet,
    path: '/api/v3/account',
    weight: 20,
    handle({ exchange, parameters, now }) {
      const { makerFee, takerFee } = exchange.rules;
      const all = [...exchange.ledger.state.balances];
      const shown =
        parameters.get('omitZeroBalances') === 'true'
          ? all.filter(([, { free, locked }]) => free.plus(locked).gt(zero))
          : all;
      return {
        makerCommission: 10,
        takerCommission: 10,
        buyerCommission: 0,
        sellerCommission: 0,
        commissionRates: { maker: amount(makerFee), taker: amount(takerFee), buyer: amount('0'), seller: amount('0') },
        canTrade: true,
        canWithdraw: true,
        canDeposit: true,
        brokered: false,
        requireSelfTradePrevention: false,
        preventSor: false,
        updateTime: exchange.ledger.state.recordedAt ?? now,
        accountType: 'SPOT',
        balances: shown.map(([asset, { free, locked }]) => ({ asset, free: amount(free), locked: amount(locked) })),
        permissions: ['SPOT'],
        uid: 1,
      };
    },
  },
  {
    ...signedGet,
    path: '/sapi/v1/account/apiRestrictions',
    weight: 1,
    handle: ({ permissions, now }) => ({
      ipRestrict: false,
      createTime: now,
      enableReading: true,
      enableWithdrawals: permissions.enableWithdrawals,
      enableInternalTransfer: false,
      enableMargin: false,
      enableFutures: false,
      permitsUniversalTransfer: false,
      enableVanillaOptions: false,
      enableFixApiTrade: false,
      enableFixReadOnly: false,
      enableSpotAndMarginTrading: true,
      enablePortfolioMarginTrading: false,
    }),
  },
  {
    ...signedGet,
    path: '/sapi/v1/asset/tradeFee',
    weight: 1,
    handle: ({ exchange, parameters }) =>
      (parameters.has('symbol') ? [exchange.market(parameters.get('symbol'))] : exchange.markets()).map((market) => ({
        symbol: market.symbol,
        makerCommission: exchange.rules.makerFee,
        takerCommission: exchange.rules.takerFee,
      })),
  },
];
