import type { StrategyHead } from '../contracts/activities.ts';
import type { Decision, StatusOutcome, StrategyView } from '../contracts/messages.ts';
import type { GateReport } from '../domain/lifecycle/gates.ts';
import type { StrategyStatus } from '../domain/lifecycle/transitions.ts';
import type { Environment } from '../domain/orders/order.ts';

/** Decision ids kept to recognise a repeated decision; the order row's key is the guard beyond them. */
const rememberedDecisions = 200;
const rememberedTransitions = 50;

/** What one run hands to the next. */
export interface CarriedState {
  readonly processedDecisions: readonly string[];
  readonly ordersInFlight: readonly (readonly [orderId: string, environment: Environment])[];
  readonly queue: readonly Decision[];
  readonly lastGate: GateReport | null;
  readonly approval: PendingApproval | null;
  readonly transitions: StrategyView['transitions'];
  /** What is answered until the next run has loaded the strategy. */
  readonly view: StrategyView;
}

export interface PendingApproval {
  readonly requestedBy: string;
  /** Epoch ms. */
  readonly until: number;
}

/** The lifecycle's memory. The row in PostgreSQL is the record; this mirrors it and holds what is in motion. */
export class StrategyState {
  status: StrategyStatus;
  version: number;
  lastGate: GateReport | null;
  approval: PendingApproval | null;
  /** The breakers' events that hold it paused, as `breaker/<event id>`. */
  heldBy: readonly string[];
  /** A transition is being carried out: others wait and are judged by what it leaves. */
  busy = false;
  /** No entries while the strategy is being wound down. */
  windingDown = false;
  /** The search attributes as last written. */
  published = '';
  /** Decisions that wait for an order of their environment to report. */
  private readonly queue: Decision[];
  readonly ordersInFlight: Map<string, Environment>;
  readonly head: StrategyHead;
  private readonly processed: Set<string>;
  private transitions: StrategyView['transitions'];

  constructor(head: StrategyHead, carried: CarriedState | undefined) {
    this.head = head;
    this.status = head.status;
    this.version = head.version;
    this.heldBy = breakersOf(head.heldBy);
    this.lastGate = carried?.lastGate ?? null;
    this.approval = carried?.approval ?? null;
    this.processed = new Set(carried?.processedDecisions);
    this.ordersInFlight = new Map(carried?.ordersInFlight);
    this.queue = [...(carried?.queue ?? [])];
    this.transitions = carried?.transitions ?? [];
  }

  /** The environment its orders go to now, null while it must not trade. */
  get environment(): Environment | null {
    if (this.status === 'paper') return 'paper';
    return this.status === 'active' || this.status === 'paused' ? 'live' : null;
  }

  /** True once per decision that may become an order as things stand. */
  accepts(decision: Decision): boolean {
    if (this.processed.has(decision.decisionId)) return false;
    this.processed.add(decision.decisionId);
    if (decision.version !== this.version || decision.environment !== this.environment) return false;
    return decision.kind === 'exit' || (this.status !== 'paused' && !this.windingDown);
  }

  enqueue(decision: Decision): void {
    this.queue.push(decision);
  }

  /** The oldest decision whose environment has no order in flight: an order reports before the next one is started. */
  private readyIndex(): number {
    const busy = new Set(this.ordersInFlight.values());
    return this.queue.findIndex((decision) => !busy.has(decision.environment));
  }

  get hasReadyDecision(): boolean {
    return this.readyIndex() >= 0;
  }

  takeDecision(): Decision | undefined {
    const index = this.readyIndex();
    return index < 0 ? undefined : this.queue.splice(index, 1)[0];
  }

  moved(to: StrategyStatus, by: string, reason: string, at: number): void {
    this.transitions = [...this.transitions, { from: this.status, to, by, at, reason }].slice(-rememberedTransitions);
    this.status = to;
  }

  /** Takes over what somebody else has made of the row. */
  follow({ status, version, heldBy }: StrategyHead, at: number): void {
    const holders = breakersOf(heldBy);
    const [by, reason] =
      status === 'paused'
        ? [holders.join(', ') || 'mastertrade', 'an incident of the circuit breaker holds it']
        : [this.heldBy.join(', ') || 'mastertrade', 'nobody holds it any more'];
    if (status !== this.status) this.moved(status, by, reason, at);
    this.version = version;
    this.heldBy = holders;
  }

  outcome(): StatusOutcome {
    const { status, version, heldBy } = this;
    return { status, version, ...(heldBy.length > 0 ? { heldBy } : {}) };
  }

  view(): StrategyView {
    const { strategyId, name, symbol, interval, policy } = this.head;
    return {
      ...this.outcome(),
      strategyId,
      name,
      symbol,
      interval,
      policy,
      lastGate: this.lastGate,
      approvalUntil: this.approval?.until ?? null,
      ordersInFlight: [...this.ordersInFlight.keys()],
      transitions: this.transitions,
    };
  }

  carry(): CarriedState {
    return {
      processedDecisions: [...this.processed].slice(-rememberedDecisions),
      ordersInFlight: [...this.ordersInFlight],
      queue: [...this.queue],
      lastGate: this.lastGate,
      approval: this.approval,
      transitions: this.transitions,
      view: this.view(),
    };
  }
}

/** A person's own hold is no news to a person. */
export const breakersOf = (holders: readonly string[] | undefined): readonly string[] =>
  (holders ?? []).filter((holder) => holder !== 'person');

const waitsFor: Readonly<Record<StrategyStatus, string>> = {
  draft: 'a back-test',
  backtested: 'promotion to paper',
  paper: 'promotion to active, once the gate is met',
  active: 'nothing: it trades live',
  paused: 'resume or archive; exits keep working',
  archived: 'nothing: it is done',
};

/** Markdown for the Web UI: where the strategy stands and what it waits for. */
export const describeStrategy = (state: StrategyState): string => {
  const { name, symbol, interval, policy } = state.head;
  const gate = state.lastGate;
  return [
    `**${name}** v${state.version} on ${symbol} ${interval} is **${state.status}** (policy \`${policy}\`)`,
    state.approval
      ? `Waits for approval by an admin until ${new Date(state.approval.until).toISOString()}`
      : `Waits for ${waitsFor[state.status]}`,
    ...(state.heldBy.length > 0 ? [`Held by ${state.heldBy.join(', ')} until that incident ends`] : []),
    ...(state.ordersInFlight.size > 0
      ? [`Orders in flight: ${[...state.ordersInFlight.keys()].map((id) => `\`order/${id}\``).join(', ')}`]
      : []),
    ...(gate
      ? [
          `Last gate ${gate.gate}: **${gate.pass ? 'passed' : 'not met'}**`,
          [
            '| criterion | required | actual | |',
            '|---|---|---|---|',
            ...gate.criteria.map((c) => `| ${c.name} | ${c.required} | ${c.actual} | ${c.pass ? 'pass' : 'FAIL'} |`),
          ].join('\n'),
        ]
      : []),
  ].join('\n\n');
};
