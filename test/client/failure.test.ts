import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/client/failure.ts';
import { DomainError, type DomainErrorName } from '../../src/domain/errors.ts';

const named = (name: DomainErrorName): DomainError =>
  new DomainError(name, 'Something was found.', { next: 'Do something.' });

describe('the exit code', () => {
  it.each([
    [1, 'GateNotMet'],
    [1, 'BadStrategy'],
    [1, 'NotFound'],
    [2, 'BadInput'],
    [3, 'DatabaseUnreachable'],
    [3, 'WorkerMissing'],
    [3, 'PortTaken'],
  ] as const)('is %i for %s', (exitCode, name) => {
    expect(failureOf(named(name))).toMatchObject({ exitCode, error: name });
  });
});

describe('a failure as shown', () => {
  it('ends its sentences once, whoever wrote them', () => {
    expect(failureOf(named('NotFound'))).toMatchObject({ message: 'Something was found', next: 'Do something' });
  });

  it('names a database without our tables, however deep the driver hides it', () => {
    const driver = Object.assign(new Error('relation "strategies" does not exist'), { code: '42P01' });
    const shown = failureOf(new Error('query failed', { cause: driver }));
    expect(shown).toMatchObject({ error: 'SchemaMissing', next: 'run mastertrade migrate', exitCode: 3 });
  });

  it('is the first line of an error that nobody foresaw, and how to see more', () => {
    const shown = failureOf(new TypeError('x is undefined\n  at somewhere'));
    expect(shown).toMatchObject({ error: 'Unexpected', message: 'x is undefined', exitCode: 1 });
    expect(shown.next).toContain('--verbose');
  });

  it('copes with what is no error at all', () => {
    expect(failureOf(undefined)).toMatchObject({ error: 'Unexpected', message: 'undefined' });
    expect(failureOf('')).toMatchObject({ error: 'Unexpected', message: expect.stringMatching(/.+/) });
  });
});
