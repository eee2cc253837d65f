/** What stands at a path in parsed JSON, e.g. of a zod issue; undefined where there is nothing. Own keys only. */
export const valueAt = (json: unknown, path: readonly PropertyKey[]): unknown => {
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
};
