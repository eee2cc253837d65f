import { Option, type Command } from 'commander';
import { intervals } from '../../domain/market/interval.ts';
import { action } from '../action.ts';
import { numberArgument } from '../arguments.ts';

interface SimulatorOptions extends Readonly<Record<string, unknown>> {
  readonly port: number;
  readonly clock: 'wall' | 'stepped';
  readonly candles?: string;
  readonly symbol?: string;
  readonly interval?: string;
  readonly seed?: string;
  readonly start?: string;
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const addSimulatorCommand = (program: Command): void => {
  program
    .command('simulator')
    .description('run the exchange simulator alone, in the foreground; its ledger and key are kept in the state folder')
    .option('--port <port>', 'port on 127.0.0.1; 0: a free one', numberArgument('--port', 0, 65_535), 0)
    .addOption(new Option('--clock <clock>', 'how its time runs').choices(['wall', 'stepped']).default('wall'))
    .option('--candles <csv>', 'the market to replay; left out, one is generated')
    .option('--symbol <symbol>', 'the market it offers')
    .addOption(new Option('--interval <interval>', 'of its candles').choices(intervals))
    .option('--seed <number>', 'seed of the generated market')
    .option('--start <time>', 'where the market begins')
    .action(
      action<SimulatorOptions>(async ({ output, config }, options) => {
        const { home } = await config();
        const [{ stackStatus }, { layoutOf }, { claimPort }, { startSimulator }, { DomainError }] = await Promise.all([
          import('../../stack/control.ts'),
          import('../../stack/layout.ts'),
          import('../../stack/ports.ts'),
          import('../../stack/simulator-process.ts'),
          import('../../domain/errors.ts'),
        ]);
        if ((await stackStatus(home)).state !== 'stopped') {
          throw new DomainError('StackAlreadyRunning', `the stack in ${home} has a simulator on the same ledger`, {
            next: 'use that one (mastertrade status), or set MASTERTRADE_HOME to another folder',
          });
        }
        const { clock, candles, symbol, interval, seed, start } = options;
        const layout = layoutOf(home);
        const { child, url } = await startSimulator({
          layout,
          port: await claimPort(options.port, 'the simulator'),
          market: {
            clock,
            ...(candles !== undefined && { candlesFile: candles }),
            ...(symbol !== undefined && { symbol }),
            ...(interval !== undefined && { interval }),
            ...(seed !== undefined && { seed }),
            ...(start !== undefined && { start }),
          },
          log: (line) => void process.stderr.write(`${line}\n`),
        });
        output.answer(
          { url, keyFile: layout.simulatorKeyFile },
          () => `The simulator answers at ${url}. Its API key is in ${layout.simulatorKeyFile}.`,
        );
        for (const signal of endSignals) process.once(signal, () => void child.stop());
        await child.exited;
      }),
    );
};
