import { DomainError } from '../domain/errors.ts';

/** Reads a grid of parameters from the command line; what it may hold is `parameterSpace`'s matter. @throws DomainError `BadInput` */
export const readGrid = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError('BadInput', `--grid is not JSON: ${text.slice(0, 80)}`, {
      next: `give an object in single quotes, such as --grid '{"fast":[5,10],"slow":[50,100]}'`,
      cause,
    });
  }
};
