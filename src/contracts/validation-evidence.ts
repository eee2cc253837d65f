import { z } from 'zod';
import type { ValidationEvidence } from '../domain/lifecycle/gates.ts';

const number = z.number().nullish().catch(null);

/** `backtest_results.metadata` as far as gates read it. Rows of earlier versions hold a plain `outOfSample` and no `validation`. */
const storedMetadata = z.object({
  outOfSample: z.object({ share: number }).nullish(),
  validation: z
    .object({
      outOfSample: z.object({ share: number, out_of_sample: z.object({ total_return_pct: number }) }).nullish(),
      walkForward: z.object({ profitable_share: number }).nullish(),
      monteCarlo: z.object({ drawdown_pct: z.object({ p95: number }) }).nullish(),
      lookahead: z.object({ checked: z.number(), mismatches: z.array(z.unknown()) }).nullish(),
    })
    .nullish(),
});

/** Reads what gates ask of a backtest's validation out of the metadata that is stored with it. */
export const validationEvidence = (metadata: unknown): ValidationEvidence => {
  const { outOfSample: earlier, validation } = storedMetadata.safeParse(metadata).data ?? {};
  const lookahead = validation?.lookahead;
  return {
    outOfSampleShare: validation?.outOfSample?.share ?? earlier?.share ?? null,
    outOfSampleReturnPct: validation?.outOfSample?.out_of_sample.total_return_pct ?? null,
    profitableWindows: validation?.walkForward?.profitable_share ?? null,
    shuffledDrawdownPct: validation?.monteCarlo?.drawdown_pct.p95 ?? null,
    lookaheadMismatches: lookahead && lookahead.checked > 0 ? lookahead.mismatches.length : null,
  };
};
