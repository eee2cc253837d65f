import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { assertCanAsk, confirmed } from '../../../src/client/confirm.ts';

const terminal = (isTTY: boolean) => ({
  input: Object.assign(new PassThrough(), { isTTY }),
  output: Object.assign(new PassThrough(), { isTTY }),
});

describe('a person is asked once', () => {
  it.each([
    ['y', true],
    ['Yes', true],
    [' yes ', true],
    ['n', false],
    ['', false],
    ['yeah', false],
  ])('and %j is %j', async (answer, expected) => {
    const person = terminal(true);
    const answered = confirmed('Close all?', person);
    person.input.write(`${answer}\n`);
    expect(await answered).toBe(expected);
    expect(String(person.output.read())).toContain('Close all? [y/N]');
  });

  it.each([
    ['goes away', (input: PassThrough) => input.end()],
    ['presses Ctrl-D', (input: PassThrough) => input.write('\u0004')],
    ['presses Ctrl-C', (input: PassThrough) => input.write('\u0003')],
  ])('and one who %s has not said yes', async (_title, does) => {
    const person = terminal(true);
    const answered = confirmed('Close all?', person);
    does(person.input);
    expect(await answered).toBe(false);
  });
});

describe('where nobody can be asked', () => {
  it.each([
    ['in JSON', true, true],
    ['without a terminal', false, false],
  ])('it is refused by name: %s', (where, json, isTTY) => {
    expect(() => assertCanAsk({ json }, terminal(isTTY))).toThrow(
      expect.objectContaining({ name: 'BadInput', message: expect.stringContaining(where) }),
    );
  });

  it('is not: at a terminal', () => {
    expect(() => assertCanAsk({ json: false }, terminal(true))).not.toThrow();
  });
});
