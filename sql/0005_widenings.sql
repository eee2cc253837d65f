-- Only where the seed's own figures overflow its own types (docs/schema.md gives the sums).

-- An upsert draws an id for every row it touches. Each of these rewrites its table once, when it is not wide already.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{market_data,technical_indicators}'::text[] LOOP
        IF (SELECT atttypid FROM pg_attribute WHERE attrelid = name::regclass AND attname = 'id') <> 'bigint'::regtype THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN id TYPE BIGINT', name);
        END IF;
        IF pg_get_serial_sequence(name, 'id') IS NOT NULL THEN
            EXECUTE format('ALTER SEQUENCE %s AS BIGINT', pg_get_serial_sequence(name, 'id'));
        END IF;
    END LOOP;
END
$$;

-- Per cent of the target reached: a goal of 10 met with 10,000 is 100000.00, and numeric(5,2) ends at 999.99.
ALTER TABLE goal_progress ALTER COLUMN progress_pct TYPE DECIMAL(10, 2);
