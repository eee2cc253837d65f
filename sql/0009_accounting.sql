-- What the accounting of fills keeps beside the seed's columns. The reason for each stands in docs/schema.md.

ALTER TABLE positions
    ADD COLUMN IF NOT EXISTS entry_fill_price DECIMAL(20, 8),
    ADD COLUMN IF NOT EXISTS collateral NUMERIC NOT NULL DEFAULT 0;

ALTER TABLE trades
    ADD COLUMN IF NOT EXISTS borrow_cost NUMERIC,
    ADD COLUMN IF NOT EXISTS dust_quantity NUMERIC,
    ADD COLUMN IF NOT EXISTS is_flat BOOLEAN;

UPDATE positions p SET entry_fill_price = (
    SELECT o.average_fill_price FROM orders o
    WHERE o.strategy_id = p.strategy_id AND o.symbol = p.symbol AND o.environment = p.environment
      AND o.intent = 'entry' AND o.filled_quantity > 0
    ORDER BY o.created_at DESC LIMIT 1)
WHERE entry_fill_price IS NULL;

ALTER TABLE positions
    ADD CONSTRAINT ck_positions_collateral
        CHECK (collateral >= 0 AND collateral < 'Infinity' AND (side = 'SHORT' OR collateral = 0)) NOT VALID,
    ADD CONSTRAINT ck_positions_entry_fill_price CHECK (entry_fill_price >= 0 AND entry_fill_price < 'Infinity') NOT VALID;

ALTER TABLE trades
    ADD CONSTRAINT ck_trades_accounting
        CHECK (borrow_cost >= 0 AND borrow_cost < 'Infinity' AND dust_quantity >= 0 AND dust_quantity < 'Infinity') NOT VALID;
