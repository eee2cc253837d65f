import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** A step of a worker at which it can be killed: the `nth` time it comes by `label`, counted from 1. */
export interface CrashPoint {
  readonly label: string;
  readonly nth: number;
}

/** What a worker under test is told. `run` starts the count anew. */
export interface CrashPlan {
  readonly run: string;
  readonly crash: CrashPoint | null;
  /** Whether the steps are written down. */
  readonly record: boolean;
}

export const textOf = ({ label, nth }: CrashPoint): string => `${label} #${nth}`;

const pointsFile = (planFile: string): string => `${planFile}.points`;

/** Replaces the plan at once: a worker reads the old one or the new one, never a part. */
export const writePlan = (planFile: string, plan: CrashPlan): void => {
  if (plan.record) writeFileSync(pointsFile(planFile), '');
  writeFileSync(`${planFile}.next`, JSON.stringify(plan));
  renameSync(`${planFile}.next`, planFile);
};

export const readPlan = (planFile: string): CrashPlan => JSON.parse(readFileSync(planFile, 'utf8')) as CrashPlan;

export const recordLabel = (planFile: string, label: string): void =>
  appendFileSync(pointsFile(planFile), `${label}\n`);

/** The labels that a recorded run came by, in order. */
export const recordedLabels = (planFile: string): readonly string[] =>
  readFileSync(pointsFile(planFile), 'utf8').split('\n').filter(Boolean);
