/** The exchange's own word on what it took and what it owes. */
export interface VenueLedger {
  readonly orders: readonly {
    readonly orderId: number;
    readonly clientOrderId: string;
    readonly status: string;
    readonly type: string;
    readonly side: string;
    readonly executedQuantity: string;
    readonly trades: readonly { tradeId: number; quantity: string; price: string; commission: string }[];
  }[];
  readonly accepted: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, { free: string; locked: string }>>;
}

interface ArmedFault {
  readonly kind: string;
  readonly times: number | null;
  readonly left: number | null;
}

/** The simulator's admin interface. Times are epoch ms of its own clock. */
export interface SimulatorAdmin {
  readonly ledger: () => Promise<VenueLedger>;
  readonly state: () => Promise<{
    readonly now: number;
    readonly markets: readonly { readonly price: string }[];
    readonly faults: readonly ArmedFault[];
  }>;
  readonly step: (ms: number) => Promise<void>;
  readonly moveTo: (time: number) => Promise<void>;
  readonly fault: (fault: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
}

export const adminOf = (url: string): SimulatorAdmin => {
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${url}/admin/${path}`, {
      ...init,
      ...(init.body ? { headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok) throw new TypeError(`/admin/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const post = async (path: string, body: unknown): Promise<void> => {
    await ask(path, { method: 'POST', body: JSON.stringify(body) });
  };
  return {
    ledger: () => ask('ledger'),
    state: () => ask('state'),
    step: (ms) => post('clock', { by: ms }),
    moveTo: (time) => post('clock', { to: time }),
    fault: (fault) => post('faults', fault),
    clearFaults: async () => {
      await ask('faults', { method: 'DELETE' });
    },
  };
};
