import type { Environment } from './order.ts';

/** The never-evaluated strategy of each environment that hand-made and adopted orders belong to. These ids never change. */
export const manualStrategyIds: Readonly<Record<Environment, string>> = {
  paper: '704c8c40-746a-52ec-b86b-ba9be6462bcb',
  live: '0e7f30a4-de1d-5fde-83e7-0b2de7df3934',
};

export const isManualStrategy = (strategyId: string): boolean => Object.values(manualStrategyIds).includes(strategyId);

/** Stands where a strategy has the market it trades: orders by hand name their own. */
export const manualSymbol = 'MANUAL';
