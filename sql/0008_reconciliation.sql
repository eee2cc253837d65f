-- How far the venue's own trades have been compared with ours: every trade before is in the books.

CREATE TABLE reconciliation_cursors (
    environment VARCHAR(10) NOT NULL,
    exchange VARCHAR(30) NOT NULL,
    symbol VARCHAR(20) NOT NULL,
    last_trade_id VARCHAR(100) NOT NULL,
    updated_at TIMESTAMP NOT NULL DEFAULT NOW(),
    PRIMARY KEY (environment, exchange, symbol),
    CONSTRAINT ck_reconciliation_cursors_environment CHECK (environment IN ('paper', 'live'))
);
