-- What all workers together have taken of a venue account's request and order limits, and the pauses that the venue asked
-- for. One row a venue account, changed by compare-and-set on `revision`; times are this server's clock.
CREATE TABLE rate_limits (
    account VARCHAR(50) PRIMARY KEY,
    revision BIGINT NOT NULL,
    limits JSONB NOT NULL,
    taken JSONB NOT NULL,
    paused_until TIMESTAMP,
    orders_paused_until TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT NOW()
);
