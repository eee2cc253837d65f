/**
 * An answer of Binance's error form: HTTP status and `{"code", "msg"}`. The texts are Binance's own where it has one,
 * because clients match on them.
 */
export class BinanceError extends Error {
  override readonly name = 'BinanceError';
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const badApiKey = (): BinanceError =>
  new BinanceError(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
export const badApiKeyFormat = (): BinanceError => new BinanceError(-2014, 'API-key format invalid.', 401);
export const badSignature = (): BinanceError => new BinanceError(-1022, 'Signature for this request is not valid.');
export const timestampAhead = (): BinanceError =>
  new BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
export const timestampBehind = (): BinanceError =>
  new BinanceError(-1021, 'Timestamp for this request is outside of the recvWindow.');
export const recvWindowTooLarge = (): BinanceError => new BinanceError(-1131, "'recvWindow' must be less than 60000.");

export const missingParameter = (name: string): BinanceError =>
  new BinanceError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
export const unwantedParameter = (name: string): BinanceError =>
  new BinanceError(-1106, `Parameter '${name}' sent when not required.`);
export const illegalParameter = (name: string, legal: RegExp): BinanceError =>
  new BinanceError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${legal.source}'.`);
export const missingOrderReference = (): BinanceError =>
  new BinanceError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");

export const badTimeInForce = (): BinanceError => new BinanceError(-1115, 'Invalid timeInForce.');
export const badOrderType = (): BinanceError => new BinanceError(-1116, 'Invalid orderType.');
export const badSide = (): BinanceError => new BinanceError(-1117, 'Invalid side.');
export const badInterval = (): BinanceError => new BinanceError(-1120, 'Invalid interval.');
export const badSymbol = (): BinanceError => new BinanceError(-1121, 'Invalid symbol.');
export const orderTypeNotInList = (): BinanceError => new BinanceError(-1158, 'Order type not supported in OCO.');
export const badResponseType = (): BinanceError => new BinanceError(-1136, 'Invalid newOrderRespType.');

/** `filter` is PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE or NOTIONAL. */
export const filterFailure = (filter: string): BinanceError => new BinanceError(-1013, `Filter failure: ${filter}`);

export const duplicateOrder = (): BinanceError => new BinanceError(-2010, 'Duplicate order sent.');
export const insufficientBalance = (): BinanceError =>
  new BinanceError(-2010, 'Account has insufficient balance for requested action.');
export const wouldTrigger = (): BinanceError => new BinanceError(-2010, 'Order would trigger immediately.');
export const wouldMatch = (): BinanceError => new BinanceError(-2010, 'Order would immediately match and take.');
export const badPriceRelation = (): BinanceError =>
  new BinanceError(-2010, 'The relationship of the prices for the orders is not correct.');
export const unknownOrder = (): BinanceError => new BinanceError(-2011, 'Unknown order sent.');
export const noSuchOrderList = (): BinanceError => new BinanceError(-2013, 'Order list does not exist.');
export const noSuchOrder = (): BinanceError => new BinanceError(-2013, 'Order does not exist.');
