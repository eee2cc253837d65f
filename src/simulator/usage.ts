/** Counts what Binance's rate-limit headers tell, in windows of real time. */
export interface UsageMeter {
  countWeight(weight: number): void;
  countOrders(count: number): void;
  headers(): Record<string, string>;
}

const counter = (window: number) => {
  let opened = 0;
  let count = 0;
  const roll = (): void => {
    const now = Math.floor(Date.now() / window);
    if (now !== opened) [opened, count] = [now, 0];
  };
  return {
    add(amount: number): void {
      roll();
      count += amount;
    },
    read(): string {
      roll();
      return String(count);
    },
  };
};

export const createUsageMeter = (): UsageMeter => {
  const weight = counter(60_000);
  const orders = counter(10_000);
  return {
    countWeight: (amount) => weight.add(amount),
    countOrders: (count) => orders.add(count),
    headers: () => ({ 'x-mbx-used-weight-1m': weight.read(), 'x-mbx-order-count-10s': orders.read() }),
  };
};
