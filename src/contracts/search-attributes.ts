import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What can be filtered on in the Temporal Web UI. They are registered when the server starts: an upsert of an
 * unregistered one hangs the workflow task.
 */
export const searchAttributes = {
  MtStrategyId: 'Keyword',
  MtStrategyName: 'Keyword',
  MtStatus: 'Keyword',
  MtSymbol: 'Keyword',
  MtInterval: 'Keyword',
  MtEnvironment: 'Keyword',
  MtVersion: 'Int',
  MtGeneration: 'Int',
  MtGate: 'Keyword',
  MtSide: 'Keyword',
} as const;

export const strategyIdKey = defineSearchAttributeKey('MtStrategyId', 'KEYWORD');
export const strategyNameKey = defineSearchAttributeKey('MtStrategyName', 'KEYWORD');
export const statusKey = defineSearchAttributeKey('MtStatus', 'KEYWORD');
export const symbolKey = defineSearchAttributeKey('MtSymbol', 'KEYWORD');
export const intervalKey = defineSearchAttributeKey('MtInterval', 'KEYWORD');
export const environmentKey = defineSearchAttributeKey('MtEnvironment', 'KEYWORD');
export const versionKey = defineSearchAttributeKey('MtVersion', 'INT');
export const generationKey = defineSearchAttributeKey('MtGeneration', 'INT');
export const gateKey = defineSearchAttributeKey('MtGate', 'KEYWORD');
export const sideKey = defineSearchAttributeKey('MtSide', 'KEYWORD');
