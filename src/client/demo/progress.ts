import { Listr } from 'listr2';

export interface Step {
  /** One line about what is going on. */
  readonly say: (line: string) => void;
  /** How far a countable piece of work has come. */
  readonly bar: (done: number, total: number, note: string) => void;
}

/** The step list that the person watches. */
export interface Progress {
  /** Shows a step while `run` is at work, and how it ended. */
  step<Result>(title: string, run: (step: Step) => Promise<Result>): Promise<Result>;
  line(text: string): void;
}

const barWidth = 24;

/** `██████░░░░ 120/240 note` */
export const barText = (done: number, total: number, note: string): string => {
  const full = total === 0 ? barWidth : Math.round((barWidth * done) / total);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${done}/${total} ${note}`.trimEnd();
};

const secondsSince = (start: number): string => ((performance.now() - start) / 1000).toFixed(1);

/** Plain lines for pipes and logs: a bar is told at each quarter only. */
const plainProgress = (write: (text: string) => void): Progress => ({
  async step(title, run) {
    const start = performance.now();
    let quarter = 0;
    write(`→ ${title}\n`);
    try {
      const result = await run({
        say: (line) => write(`  ${line}\n`),
        bar: (done, total, note) => {
          const reached = Math.floor((4 * done) / Math.max(1, total));
          if (reached > quarter) write(`  ${done}/${total} ${note}`.trimEnd() + '\n');
          quarter = Math.max(quarter, reached);
        },
      });
      write(`✓ ${title} (${secondsSince(start)} s)\n`);
      return result;
    } catch (error) {
      write(`✗ ${title} (${secondsSince(start)} s)\n`);
      throw error;
    }
  },
  line: (text) => write(`${text}\n`),
});

/** A live step list. Lines of a step stay on the screen; its bar is redrawn in place. */
const terminalProgress = (write: (text: string) => void): Progress => ({
  async step<Result>(title: string, run: (step: Step) => Promise<Result>): Promise<Result> {
    const start = performance.now();
    const outcome: { result?: Result } = {};
    await new Listr(
      [
        {
          title,
          rendererOptions: { persistentOutput: true, outputBar: Infinity },
          task: async (_context, task) => {
            outcome.result = await run({
              say: (line) => {
                task.output = line;
              },
              bar: (done, total, note) => {
                task.title = `${title}  ${barText(done, total, note)}`;
              },
            });
            task.title = `${title} (${secondsSince(start)} s)`;
          },
        },
      ],
      { registerSignalListeners: false, rendererOptions: { collapseErrors: false, showErrorMessage: false } },
    ).run();
    return outcome.result as Result;
  },
  line: (text) => write(`${text}\n`),
});

/** A live step list on a terminal, plain lines anywhere else. */
export const createProgress = (options: { terminal: boolean; write: (text: string) => void }): Progress =>
  options.terminal ? terminalProgress(options.write) : plainProgress(options.write);
