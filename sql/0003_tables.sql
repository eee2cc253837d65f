-- What orders reserve and lock, what the breaker writes and submissions share-lock, and what makes effects happen once.

CREATE TABLE current_balances (
    environment VARCHAR(10) NOT NULL,
    exchange VARCHAR(30) NOT NULL,
    asset VARCHAR(10) NOT NULL,
    free_balance NUMERIC NOT NULL,
    locked_balance NUMERIC NOT NULL DEFAULT 0,
    total_balance NUMERIC NOT NULL,
    updated_at TIMESTAMP NOT NULL DEFAULT NOW(),
    PRIMARY KEY (environment, exchange, asset),
    CONSTRAINT ck_current_balances_environment CHECK (environment IN ('paper', 'live')),
    CONSTRAINT ck_current_balances_free CHECK (free_balance >= 0 AND free_balance < 'Infinity'),
    CONSTRAINT ck_current_balances_locked CHECK (locked_balance >= 0 AND locked_balance < 'Infinity'),
    CONSTRAINT ck_current_balances_total CHECK (total_balance = free_balance + locked_balance)
);

CREATE TABLE trading_state (
    environment VARCHAR(10) PRIMARY KEY,
    state VARCHAR(10) NOT NULL DEFAULT 'ACTIVE',
    reason TEXT,
    event_id INTEGER REFERENCES circuit_breaker_events(id),
    updated_at TIMESTAMP NOT NULL DEFAULT NOW(),
    CONSTRAINT ck_trading_state_environment CHECK (environment IN ('paper', 'live')),
    CONSTRAINT ck_trading_state_state CHECK (state IN ('ACTIVE', 'REDUCING', 'HALTED'))
);

INSERT INTO trading_state (environment) VALUES ('paper'), ('live');

CREATE TABLE processed_effects (
    effect_key VARCHAR(200) PRIMARY KEY,
    kind VARCHAR(50) NOT NULL,
    result JSONB,
    created_at TIMESTAMP NOT NULL DEFAULT NOW()
);

CREATE INDEX idx_processed_effects_created ON processed_effects(created_at);

CREATE TABLE balance_flows (
    id BIGSERIAL PRIMARY KEY,
    flow_key VARCHAR(200) NOT NULL UNIQUE,
    environment VARCHAR(10) NOT NULL,
    exchange VARCHAR(30) NOT NULL,
    asset VARCHAR(10) NOT NULL,
    amount NUMERIC NOT NULL,
    kind VARCHAR(20) NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    CONSTRAINT ck_balance_flows_environment CHECK (environment IN ('paper', 'live')),
    CONSTRAINT ck_balance_flows_kind CHECK (kind IN ('opening', 'deposit', 'withdrawal')),
    CONSTRAINT ck_balance_flows_amount CHECK (amount >= 0 AND amount < 'Infinity')
);

CREATE INDEX idx_balance_flows_account ON balance_flows(environment, exchange, asset, occurred_at);

CREATE TABLE venue_bindings (
    role VARCHAR(20) PRIMARY KEY,
    exchange VARCHAR(30) NOT NULL,
    account VARCHAR(100),
    created_at TIMESTAMP NOT NULL DEFAULT NOW(),
    CONSTRAINT ck_venue_bindings_role CHECK (role IN ('market_data', 'live'))
);
