-- Columns beside the seed's own. Each is nullable or has a default, so that rows written before it keep their meaning.
-- The reason for each stands in docs/schema.md.

ALTER TABLE orders
    ADD COLUMN IF NOT EXISTS client_order_id VARCHAR(36),
    ADD COLUMN IF NOT EXISTS sent_at TIMESTAMP,
    ADD COLUMN IF NOT EXISTS exchange VARCHAR(30),
    ADD COLUMN IF NOT EXISTS metadata JSONB,
    ADD COLUMN IF NOT EXISTS stop_price DECIMAL(20, 8),
    ADD COLUMN IF NOT EXISTS time_in_force VARCHAR(10),
    ADD COLUMN IF NOT EXISTS order_list_id VARCHAR(100),
    ADD COLUMN IF NOT EXISTS strategy_version INTEGER,
    ADD COLUMN IF NOT EXISTS reduce_only BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS reserved_asset VARCHAR(10),
    ADD COLUMN IF NOT EXISTS reserved_amount NUMERIC,
    ADD COLUMN IF NOT EXISTS intent VARCHAR(20);

CREATE UNIQUE INDEX IF NOT EXISTS uq_orders_client_order_id ON orders(client_order_id);

ALTER TABLE trades
    ADD COLUMN IF NOT EXISTS exchange VARCHAR(30),
    ADD COLUMN IF NOT EXISTS realized_pnl_exact NUMERIC;

-- Rows from before have no exchange: NULLS NOT DISTINCT keeps their trade ids unique too.
CREATE UNIQUE INDEX IF NOT EXISTS uq_trades_exchange_trade_id
    ON trades(exchange, symbol, exchange_trade_id, environment) NULLS NOT DISTINCT
    WHERE exchange_trade_id IS NOT NULL;

ALTER TABLE positions
    ADD COLUMN IF NOT EXISTS cost_basis_exact NUMERIC,
    ADD COLUMN IF NOT EXISTS realized_pnl_exact NUMERIC,
    ADD COLUMN IF NOT EXISTS unrealized_pnl_exact NUMERIC,
    ADD COLUMN IF NOT EXISTS exchange VARCHAR(30),
    ADD COLUMN IF NOT EXISTS strategy_version INTEGER;

ALTER TABLE backtest_results
    ADD COLUMN IF NOT EXISTS metadata JSONB,
    ADD COLUMN IF NOT EXISTS strategy_version INTEGER;

ALTER TABLE strategies
    ADD COLUMN IF NOT EXISTS gate_policy VARCHAR(50) NOT NULL DEFAULT 'production',
    ADD COLUMN IF NOT EXISTS created_by VARCHAR(100);

ALTER TABLE strategy_versions
    ADD COLUMN IF NOT EXISTS entry_conditions JSONB,
    ADD COLUMN IF NOT EXISTS exit_conditions JSONB,
    ADD COLUMN IF NOT EXISTS risk_params JSONB;

ALTER TABLE circuit_breaker_events ADD COLUMN IF NOT EXISTS environment VARCHAR(10);

-- Rows from before have no environment: nulls are distinct here, so any number of them may be open.
CREATE UNIQUE INDEX IF NOT EXISTS uq_circuit_breaker_open
    ON circuit_breaker_events(environment, trigger_type) WHERE resolved_at IS NULL;

ALTER TABLE risk_metrics ADD COLUMN IF NOT EXISTS metadata JSONB;

ALTER TABLE alerts ADD COLUMN IF NOT EXISTS dedupe_key VARCHAR(255);

CREATE UNIQUE INDEX IF NOT EXISTS uq_alerts_dedupe_key ON alerts(dedupe_key);

ALTER TABLE audit_logs ADD COLUMN IF NOT EXISTS actor VARCHAR(100);
