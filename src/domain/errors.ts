/**
 * The names of everything that can be refused. A name is part of the contract: it is the `type` of the
 * `ApplicationFailure` that crosses Temporal, the `error` of the CLI's JSON, and what tests look for.
 */
export type DomainErrorName =
  | 'ActionsRunning'
  | 'ApprovalRequired'
  | 'BadCandleFile'
  | 'BadGoal'
  | 'BadInput'
  | 'BadPolicy'
  | 'BadStrategy'
  | 'BinaryMissing'
  | 'CandleGap'
  | 'CapExceeded'
  | 'ComputePoolFull'
  | 'ComputeThreadLost'
  | 'CoolDownRunning'
  | 'DatabaseUnreachable'
  | 'EntryForbidden'
  | 'GateNotMet'
  | 'IllegalTransition'
  | 'InsufficientFunds'
  | 'InvalidOrder'
  | 'LiveTradingDisabled'
  | 'MarketClosed'
  | 'MigrationRefused'
  | 'NoHistory'
  | 'NotAmendable'
  | 'NotAuthorized'
  | 'NotEnoughCandles'
  | 'NotFound'
  | 'OrderRejected'
  | 'PortTaken'
  | 'PositionStillOpen'
  | 'PriceMissing'
  | 'ReplayPaused'
  | 'ReplayStalled'
  | 'SchemaMissing'
  | 'StackAlreadyRunning'
  | 'StackNotRunning'
  | 'StaleCandle'
  | 'StillHeld'
  | 'TemporalUnreachable'
  | 'UnknownIndicator'
  | 'UnknownSymbol'
  | 'UnsafeApiKey'
  | 'VenueMismatch'
  | 'VenueNotSupported'
  | 'VenueUnreachable'
  | 'WorkerMissing';

/** Further facts about a failure: shown by the CLI's `--json`, stored with the alert. Never holds a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * Thrown when a request cannot be carried out and trying again unchanged would not help.
 * `message` says what was found and where; `next` says what the person can do about it.
 */
export class DomainError extends Error {
  override readonly name: DomainErrorName;
  readonly next: string;
  readonly details: ErrorDetails;

  constructor(
    name: DomainErrorName,
    message: string,
    options: { next: string; details?: ErrorDetails; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.next = options.next;
    this.details = options.details ?? {};
  }
}
