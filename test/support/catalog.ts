import type { Client } from 'pg';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
}

export interface ForeignKeyFacts {
  readonly columns: readonly string[];
  readonly references: string;
  readonly referenced: readonly string[];
  readonly onDelete: string;
}

/** What a table is, as PostgreSQL's catalog has it. */
export interface TableFacts {
  readonly columns: readonly ColumnFacts[];
  readonly primaryKey: readonly string[];
  readonly unique: readonly (readonly string[])[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
  /** By name: the columns with their order (`timestamp DESC`). Indexes of keys are left out. */
  readonly indexes: Readonly<Record<string, readonly string[]>>;
}

const onDelete: Readonly<Record<string, string>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

const keyColumns = (key: string, relation: string): string =>
  `(SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(c.${key}) WITH ORDINALITY k(attnum, n)
     JOIN pg_attribute a ON a.attrelid = c.${relation} AND a.attnum = k.attnum)`;

interface ConstraintRow {
  readonly contype: string;
  readonly columns: string[];
  readonly references: string | null;
  readonly referenced: string[] | null;
  readonly confdeltype: string;
}

/** Reads a table of the `public` schema. */
export const readTable = async (client: Client, table: string): Promise<TableFacts> => {
  const columns = await client.query<ColumnFacts>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
        pg_get_expr(d.adbin, d.adrelid) AS default
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [`public.${table}`],
  );
  const constraints = await client.query<ConstraintRow>(
    `SELECT c.contype::text, ${keyColumns('conkey', 'conrelid')} AS columns, r.relname AS references,
        ${keyColumns('confkey', 'confrelid')} AS referenced, c.confdeltype::text
       FROM pg_constraint c LEFT JOIN pg_class r ON r.oid = c.confrelid
      WHERE c.conrelid = $1::regclass AND c.contype IN ('p', 'u', 'f') ORDER BY c.conname`,
    [`public.${table}`],
  );
  const indexes = await client.query<{ name: string; columns: string[] }>(
    `SELECT r.relname AS name, (SELECT json_agg(trim('"' FROM pg_get_indexdef(i.indexrelid, n, false))
          || CASE WHEN (i.indoption[n - 1] & 1) = 1 THEN ' DESC' ELSE '' END ORDER BY n)
          FROM generate_series(1, i.indnkeyatts) n) AS columns
       FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
      WHERE i.indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
      ORDER BY r.relname`,
    [`public.${table}`],
  );
  const ofType = (type: string): readonly ConstraintRow[] => constraints.rows.filter(({ contype }) => contype === type);
  return {
    columns: columns.rows,
    primaryKey: ofType('p').flatMap((key) => key.columns),
    unique: ofType('u')
      .map((key) => key.columns)
      .toSorted((a, b) => String(a).localeCompare(String(b))),
    foreignKeys: ofType('f').map((key) => ({
      columns: key.columns,
      references: key.references ?? '',
      referenced: key.referenced ?? [],
      onDelete: onDelete[key.confdeltype] ?? key.confdeltype,
    })),
    indexes: Object.fromEntries(indexes.rows.map(({ name, columns }) => [name, columns])),
  };
};
