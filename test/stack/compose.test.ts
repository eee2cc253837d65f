import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { environmentSchema } from '../../src/config.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

type Service = Readonly<{
  image?: string;
  build?: string;
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  depends_on?: Readonly<Record<string, { condition: string }>>;
  ports?: readonly string[];
  healthcheck?: object;
  restart?: string;
  volumes?: readonly string[];
}>;
type Compose = Readonly<{ services: Readonly<Record<string, Service>>; volumes: Readonly<Record<string, null>> }>;

const schema = JSON.parse(readFileSync(root('test/fixtures/compose-spec.json'), 'utf8')) as object;
const read = (): Compose => parse(readFileSync(root('docker-compose.yml'), 'utf8')) as Compose;
const services = Object.entries(read().services);

const problemsOf = (compose: unknown): string[] => {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const valid = ajv.compile(schema);
  return valid(compose) ? [] : (valid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

describe('docker-compose.yml', () => {
  test('is what the Compose Specification asks for', () => {
    expect(problemsOf(read())).toEqual([]);
  });

  test('a mistake would be found', () => {
    const { services: all, ...rest } = read();
    const broken = { ...rest, services: { ...all, worker: { ...all['worker'], restarts: 'always' } } };
    expect(problemsOf(broken)).toEqual([expect.stringContaining('/services/worker')]);
  });

  test('has every part of the operation', () => {
    expect(services.map(([name]) => name).toSorted()).toEqual(
      ['migrate', 'postgres', 'search-attributes', 'simulator', 'temporal', 'temporal-ui', 'worker'].toSorted(),
    );
  });

  test.for(services)('%s waits for services that exist, in a state they can reach', ([, service]) => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const awaited = read().services[name];
      expect(awaited, name).toBeDefined();
      if (condition === 'service_healthy') expect(awaited?.healthcheck, name).toBeDefined();
      if (condition === 'service_completed_successfully') expect(awaited?.restart, name).toBe('no');
    }
  });

  test.for(services)('%s runs a file of ours that exists, or an image with its version', ([, service]) => {
    if (service.build === undefined) expect(service.image).toMatch(/^[a-z/-]+:\d/);
    const program = service.command?.[1];
    if (program !== undefined) expect(existsSync(root(program)), program).toBe(true);
  });

  test.for(services)('%s is reachable from this machine only and keeps its state in a named volume', ([, service]) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const volume of service.volumes ?? []) expect(read().volumes).toHaveProperty([volume.split(':')[0] ?? '']);
  });

  test('sets variables that the configuration knows, and holds no secret', () => {
    const known = new Set([...Object.keys(environmentSchema.shape), 'TEMPORAL_ADDRESS']);
    const variables = Object.entries(read().services['worker']?.environment ?? {});
    expect(variables.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
    const secrets = services.flatMap(([, { environment }]) =>
      Object.entries(environment ?? {}).filter(([name]) => /PASSWORD|PWD|SECRET|API_KEY|DATABASE_URL/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(4);
    for (const [name, value] of secrets) expect(value, name).toContain('${');
  });
});
