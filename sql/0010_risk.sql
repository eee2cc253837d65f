-- What the breaker, the equity index and the goals keep beside the seed's tables. The reason for each stands in docs/schema.md.

ALTER TABLE circuit_breaker_events
    ADD COLUMN IF NOT EXISTS state VARCHAR(10),
    ADD COLUMN IF NOT EXISTS cool_down_until TIMESTAMP;

ALTER TABLE circuit_breaker_events
    ADD CONSTRAINT ck_circuit_breaker_events_state CHECK (state IN ('REDUCING', 'HALTED')) NOT VALID;

CREATE TABLE breaker_policies (
    environment VARCHAR(10) PRIMARY KEY,
    policy JSONB NOT NULL,
    updated_by VARCHAR(100) NOT NULL,
    updated_at TIMESTAMP NOT NULL DEFAULT NOW(),
    CONSTRAINT ck_breaker_policies_environment CHECK (environment IN ('paper', 'live'))
);

-- Why a strategy is paused: it goes on once nobody holds it any more.
CREATE TABLE strategy_holds (
    strategy_id UUID NOT NULL REFERENCES strategies(id) ON DELETE CASCADE,
    holder VARCHAR(100) NOT NULL,
    reason TEXT,
    held_by VARCHAR(100) NOT NULL,
    held_at TIMESTAMP NOT NULL DEFAULT NOW(),
    PRIMARY KEY (strategy_id, holder)
);

INSERT INTO strategy_holds (strategy_id, holder, reason, held_by)
SELECT id, 'person', 'paused before holds were kept', 'mastertrade' FROM strategies WHERE status = 'paused';

-- Equity without what came from or went to the outside, chained from one reading to the next.
CREATE TABLE equity_state (
    environment VARCHAR(10) PRIMARY KEY,
    index_value DOUBLE PRECISION NOT NULL,
    equity NUMERIC NOT NULL,
    net_flows NUMERIC NOT NULL DEFAULT 0,
    unpriced JSONB NOT NULL DEFAULT '[]',
    peak_index DOUBLE PRECISION NOT NULL,
    peak_at TIMESTAMP NOT NULL,
    streak_from TIMESTAMP,
    market_time TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL DEFAULT NOW(),
    CONSTRAINT ck_equity_state_environment CHECK (environment IN ('paper', 'live')),
    CONSTRAINT ck_equity_state_index CHECK (index_value >= 0 AND index_value < 'Infinity' AND peak_index >= 0 AND peak_index < 'Infinity'),
    CONSTRAINT ck_equity_state_equity CHECK (equity > '-Infinity' AND equity < 'Infinity' AND net_flows > '-Infinity' AND net_flows < 'Infinity')
);

-- What an asset was worth when it was last looked at: where no candle of it is stored, this prices it.
CREATE TABLE asset_prices (
    asset VARCHAR(10) PRIMARY KEY,
    price NUMERIC NOT NULL,
    priced_at TIMESTAMP NOT NULL,
    CONSTRAINT ck_asset_prices_price CHECK (price >= 0 AND price < 'Infinity')
);

ALTER TABLE balance_flows ADD COLUMN is_linked BOOLEAN NOT NULL DEFAULT false;

CREATE INDEX idx_balance_flows_unlinked ON balance_flows(environment) WHERE NOT is_linked;

-- What the goals have set for an environment: the next order is sized by it.
CREATE TABLE risk_settings (
    environment VARCHAR(10) PRIMARY KEY,
    risk_scale NUMERIC NOT NULL DEFAULT 1,
    risk_tolerance DECIMAL(5, 4),
    max_strategies INTEGER,
    goal_id INTEGER REFERENCES financial_goals(id) ON DELETE SET NULL,
    adjusted_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT NOW(),
    CONSTRAINT ck_risk_settings_environment CHECK (environment IN ('paper', 'live')),
    CONSTRAINT ck_risk_settings_scale CHECK (risk_scale > 0 AND risk_scale <= 10),
    CONSTRAINT ck_risk_settings_strategies CHECK (max_strategies >= 1)
);

INSERT INTO risk_settings (environment) VALUES ('paper'), ('live');

CREATE INDEX IF NOT EXISTS idx_risk_metrics_environment ON risk_metrics(environment, timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_trades_environment_executed ON trades(environment, executed_at DESC);
CREATE INDEX IF NOT EXISTS idx_orders_incident ON orders((metadata ->> 'incident')) WHERE (metadata ->> 'incident') IS NOT NULL;
