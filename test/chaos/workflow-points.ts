import { type Sinks, type WorkflowInterceptors, proxySinks } from '@temporalio/workflow';

interface CrashSinks extends Sinks {
  readonly crashPoints: { workflowTask(): void };
}

const { crashPoints } = proxySinks<CrashSinks>();

/** Bundled with the workflows: says that a workflow task has been worked out, before the server hears of it. */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      concludeActivation: (input, next) => {
        const output = next(input);
        crashPoints.workflowTask();
        return output;
      },
    },
  ],
});
