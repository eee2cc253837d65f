export { notifyIncident, pauseTrading, recordAction, remindIncident } from './actions.ts';
export { haltByHand, resumeByHand } from './by-hand.ts';
export { evaluateBreaker } from './evaluate.ts';
export { inspectIncident, listIncidents } from './incident.ts';
export { lookAfterClose } from './look-after-close.ts';
export { setPolicy, showPolicy } from './policies.ts';
export { resolveIncident } from './resolve.ts';
