/** What the venue knows an order by: its UUID's 32 hex characters, derived from the intent, never from the attempt. */
export const clientOrderIdOf = (orderId: string): string => orderId.replaceAll('-', '');
