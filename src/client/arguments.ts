import { userInfo } from 'node:os';
import { DomainError } from '../domain/errors.ts';

const badArgument = (name: string, value: string, wanted: string): DomainError =>
  new DomainError('BadInput', `${name} is '${value}', which is not ${wanted}`, { next: `give ${name} ${wanted}` });

const zoned = /(Z|[+-]\d\d:?\d\d)$/i;
const dateOnly = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads a point in time: ISO 8601 (UTC where no zone is given) or epoch milliseconds. Returns epoch ms.
 * @throws DomainError BadInput naming the option.
 */
export const timeArgument =
  (name: string) =>
  (value: string): number => {
    const iso = dateOnly.test(value) || zoned.test(value) ? value : `${value}Z`;
    const time = /^\d{9,}$/.test(value) ? Number(value) : Date.parse(iso);
    if (Number.isFinite(time) && (/^\d{9,}$/.test(value) || /^\d{4}-/.test(value))) return time;
    throw badArgument(name, value, 'a time such as 2024-03-01, 2024-03-01T12:00Z or epoch milliseconds');
  };

/** @throws DomainError BadInput naming the option, unless the value is a number within the bounds (both included). */
export const numberArgument =
  (name: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
  (value: string): number => {
    const parsed = Number(value);
    if (value.trim() !== '' && parsed >= least && parsed <= most) return parsed;
    throw badArgument(
      name,
      value,
      most === Number.MAX_SAFE_INTEGER ? `a number ≥ ${least}` : `a number from ${least} to ${most}`,
    );
  };

/** As `numberArgument`, for whole numbers. */
export const wholeNumberArgument =
  (name: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
  (value: string): number => {
    const parsed = numberArgument(name, least, most)(value);
    if (Number.isSafeInteger(parsed)) return parsed;
    throw badArgument(name, value, 'a whole number');
  };

/** A share in per cent, above 0 and up to 100. @throws DomainError BadInput naming the option. */
export const percentArgument =
  (name: string) =>
  (value: string): number => {
    const parsed = Number(value);
    if (parsed > 0 && parsed <= 100) return parsed;
    throw badArgument(name, value, 'a number above 0 and up to 100');
  };

/** A sum of money above zero, as decimal text. @throws DomainError BadInput naming the option. */
export const moneyArgument =
  (name: string) =>
  (value: string): string => {
    if (/^\d+(\.\d+)?$/.test(value) && Number(value) > 0) return value;
    throw badArgument(name, value, 'a decimal number above 0, such as 10000');
  };

/** Who asks, for the audit: the user named by --by, else the system's user. */
export const actorOf = (by: string | undefined): string => {
  if (by !== undefined) return by;
  try {
    return userInfo().username;
  } catch {
    return 'cli';
  }
};
