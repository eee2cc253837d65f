import { DomainError, type DomainErrorName } from '../domain/errors.ts';

/** What the process answers to whoever called it; docs/cli.md prints the same. */
export const exitCodes = { ok: 0, refused: 1, usage: 2, environment: 3, differences: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error as the CLI shows it: one sentence and the next step. */
export interface Failure {
  readonly error: string;
  readonly message: string;
  readonly next: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;
}

/** Something this machine lacks or cannot reach, as opposed to a request that is refused. */
const environmentErrors: ReadonlySet<DomainErrorName> = new Set([
  'BinaryMissing',
  'DatabaseUnreachable',
  'MigrationRefused',
  'PortTaken',
  'SchemaMissing',
  'StackAlreadyRunning',
  'StackNotRunning',
  'TemporalUnreachable',
  'VenueUnreachable',
  'WorkerMissing',
]);

const exitCodeOf = (name: DomainErrorName): ExitCode => {
  if (environmentErrors.has(name)) return exitCodes.environment;
  return name === 'BadInput' ? exitCodes.usage : exitCodes.refused;
};

interface CodedError extends Error {
  readonly code: string;
}

const isCoded = (error: unknown): error is CodedError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** commander's errors; compared by shape, so that this file does not load commander. */
const isUsageError = (error: unknown): error is CodedError => isCoded(error) && error.code.startsWith('commander.');

/** True where commander has shown a help or version: as asked for or, to people, where a command is incomplete. */
export const isHelp = (error: unknown, { json }: { json: boolean }): error is CodedError & { exitCode: number } =>
  isUsageError(error) &&
  (['commander.helpDisplayed', 'commander.version'].includes(error.code) || (error.code === 'commander.help' && !json));

export const helpExitCode = ({ exitCode }: { exitCode: number }): ExitCode =>
  exitCode === 0 ? exitCodes.ok : exitCodes.usage;

const fileErrors: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read or written by this user',
  EISDIR: 'is a folder, where a file is wanted',
  ENOTDIR: 'lies below something that is not a folder',
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const readableFailure = (error: unknown): Failure => {
  if (error instanceof DomainError) {
    return {
      error: error.name,
      message: error.message,
      next: error.next,
      ...(Object.keys(error.details).length > 0 && { details: error.details }),
      exitCode: exitCodeOf(error.name),
    };
  }
  if (isUsageError(error)) {
    return {
      error: 'Usage',
      message: error.code === 'commander.help' ? 'the command is incomplete' : error.message.replace(/^error: /, ''),
      next: 'run the command with --help to see what it takes',
      exitCode: exitCodes.usage,
    };
  }
  if (isCoded(error) && 'path' in error && typeof error.path === 'string') {
    const what = fileErrors[error.code] ?? `cannot be used (${error.code})`;
    return {
      error: 'BadInput',
      message: `${error.path} ${what}`,
      next: 'check the path and its permissions',
      exitCode: exitCodes.usage,
    };
  }
  return {
    error: 'Unexpected',
    message: firstLine(error instanceof Error ? error.message : String(error)) || 'something unforeseen went wrong',
    next: 'run the command again with --verbose to see where it happened',
    exitCode: exitCodes.refused,
  };
};

/** SQLSTATEs of a table or column that is not there. */
const schemaStates = new Set(['42P01', '42703']);

const lacksSchema = (error: unknown): boolean =>
  error instanceof Error && ((isCoded(error) && schemaStates.has(error.code)) || lacksSchema(error.cause));

const schemaMissing = (cause: unknown): DomainError =>
  new DomainError('SchemaMissing', 'the database lacks tables or columns that this version needs', {
    next: 'run mastertrade migrate',
    cause,
  });

const sentence = (text: string): string => text.trim().replace(/[.\s]+$/, '');

/** What any thrown value means to the person at the terminal. */
export const failureOf = (error: unknown): Failure => {
  const failure = readableFailure(lacksSchema(error) ? schemaMissing(error) : error);
  return { ...failure, message: sentence(failure.message), next: sentence(failure.next) };
};

/** Prints a failure on stderr: two lines for people, or one JSON object. The stack trace only where it is asked for. */
export const reportFailure = (error: unknown, options: { json: boolean; verbose: boolean }): ExitCode => {
  const { exitCode, ...shown } = failureOf(error);
  const text = options.json ? JSON.stringify(shown) : `${shown.error}: ${shown.message}.\nNext: ${shown.next}.`;
  process.stderr.write(`${text}\n`);
  if (options.verbose && error instanceof Error) {
    for (let each: unknown = error; each instanceof Error; each = each.cause) process.stderr.write(`${each.stack}\n`);
  }
  return exitCode;
};
