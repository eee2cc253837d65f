-- The 23 tables of the schema the project started from, under its names. A database that has them already is adopted:
-- nothing here changes a table that exists.

CREATE TABLE IF NOT EXISTS market_data (
    id SERIAL PRIMARY KEY,
    symbol VARCHAR(20) NOT NULL,
    timestamp TIMESTAMP NOT NULL,
    interval VARCHAR(10) NOT NULL,  -- '1m', '5m', '15m', '1h', '4h', '1d'
    open DECIMAL(20, 8) NOT NULL,
    high DECIMAL(20, 8) NOT NULL,
    low DECIMAL(20, 8) NOT NULL,
    close DECIMAL(20, 8) NOT NULL,
    volume DECIMAL(20, 8) NOT NULL,
    quote_volume DECIMAL(20, 8),
    trades_count INTEGER,
    created_at TIMESTAMP DEFAULT NOW(),
    UNIQUE(symbol, timestamp, interval)
);

CREATE INDEX IF NOT EXISTS idx_market_data_symbol_timestamp ON market_data(symbol, timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_market_data_interval ON market_data(interval, timestamp DESC);

CREATE TABLE IF NOT EXISTS technical_indicators (
    id SERIAL PRIMARY KEY,
    symbol VARCHAR(20) NOT NULL,
    timestamp TIMESTAMP NOT NULL,
    interval VARCHAR(10) NOT NULL,
    indicator_name VARCHAR(50) NOT NULL,  -- 'SMA_20', 'RSI_14', etc.
    value DECIMAL(20, 8),
    metadata JSONB,  -- Additional indicator-specific data
    created_at TIMESTAMP DEFAULT NOW(),
    UNIQUE(symbol, timestamp, interval, indicator_name)
);

CREATE INDEX IF NOT EXISTS idx_indicators_lookup ON technical_indicators(symbol, interval, indicator_name, timestamp DESC);

CREATE TABLE IF NOT EXISTS whale_transactions (
    id SERIAL PRIMARY KEY,
    transaction_hash VARCHAR(100) UNIQUE NOT NULL,
    blockchain VARCHAR(20) NOT NULL,  -- 'ethereum', 'bitcoin', etc.
    token_symbol VARCHAR(20) NOT NULL,
    from_address VARCHAR(100) NOT NULL,
    to_address VARCHAR(100) NOT NULL,
    from_label VARCHAR(100),  -- 'binance_exchange', 'unknown_wallet'
    to_label VARCHAR(100),
    amount_token DECIMAL(30, 8) NOT NULL,
    amount_usd DECIMAL(20, 2) NOT NULL,
    timestamp TIMESTAMP NOT NULL,
    alert_level VARCHAR(10),  -- 'low', 'medium', 'high', 'critical'
    created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_whale_timestamp ON whale_transactions(timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_whale_token ON whale_transactions(token_symbol, timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_whale_amount ON whale_transactions(amount_usd DESC);

CREATE TABLE IF NOT EXISTS onchain_metrics (
    id SERIAL PRIMARY KEY,
    symbol VARCHAR(20) NOT NULL,
    metric_name VARCHAR(50) NOT NULL,  -- 'active_addresses', 'hash_rate', etc.
    value DECIMAL(30, 8) NOT NULL,
    timestamp TIMESTAMP NOT NULL,
    source VARCHAR(50),  -- 'glassnode', 'moralis'
    created_at TIMESTAMP DEFAULT NOW(),
    UNIQUE(symbol, metric_name, timestamp)
);

CREATE INDEX IF NOT EXISTS idx_onchain_lookup ON onchain_metrics(symbol, metric_name, timestamp DESC);

CREATE TABLE IF NOT EXISTS social_sentiment (
    id SERIAL PRIMARY KEY,
    symbol VARCHAR(20) NOT NULL,
    platform VARCHAR(20) NOT NULL,  -- 'twitter', 'reddit', 'telegram'
    post_id VARCHAR(100) UNIQUE NOT NULL,
    post_text TEXT,
    sentiment_score DECIMAL(5, 4),  -- -1.0 to 1.0
    sentiment_label VARCHAR(20),  -- 'positive', 'neutral', 'negative'
    author VARCHAR(100),
    timestamp TIMESTAMP NOT NULL,
    engagement_score INTEGER,  -- likes + retweets + comments
    created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_sentiment_symbol_timestamp ON social_sentiment(symbol, timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_sentiment_score ON social_sentiment(sentiment_score, timestamp DESC);

CREATE TABLE IF NOT EXISTS stock_indices (
    id SERIAL PRIMARY KEY,
    index_name VARCHAR(20) NOT NULL,  -- 'SPX', 'NASDAQ', 'VIX'
    timestamp TIMESTAMP NOT NULL,
    open DECIMAL(12, 2),
    high DECIMAL(12, 2),
    low DECIMAL(12, 2),
    close DECIMAL(12, 2),
    volume BIGINT,
    created_at TIMESTAMP DEFAULT NOW(),
    UNIQUE(index_name, timestamp)
);

CREATE INDEX IF NOT EXISTS idx_stock_index_lookup ON stock_indices(index_name, timestamp DESC);

CREATE TABLE IF NOT EXISTS strategies (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(255) NOT NULL,
    description TEXT,
    strategy_type VARCHAR(50),  -- 'momentum', 'mean_reversion', 'arbitrage'
    symbol VARCHAR(20) NOT NULL,
    interval VARCHAR(10) NOT NULL,
    parameters JSONB NOT NULL,  -- Strategy-specific parameters
    entry_conditions JSONB,
    exit_conditions JSONB,
    risk_params JSONB,  -- stop_loss, take_profit, position_size
    status VARCHAR(20) DEFAULT 'draft',  -- 'draft', 'backtested', 'paper', 'active', 'paused', 'archived'
    version INTEGER DEFAULT 1,
    parent_strategy_id UUID,  -- For genetic algorithm evolution
    generation INTEGER,  -- Generation number in GA
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    activated_at TIMESTAMP,
    archived_at TIMESTAMP,
    FOREIGN KEY (parent_strategy_id) REFERENCES strategies(id)
);

CREATE INDEX IF NOT EXISTS idx_strategies_status ON strategies(status, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_strategies_symbol ON strategies(symbol, status);
CREATE INDEX IF NOT EXISTS idx_strategies_generation ON strategies(generation DESC);

CREATE TABLE IF NOT EXISTS backtest_results (
    id SERIAL PRIMARY KEY,
    strategy_id UUID NOT NULL,
    start_date TIMESTAMP NOT NULL,
    end_date TIMESTAMP NOT NULL,
    initial_capital DECIMAL(20, 2) DEFAULT 10000,
    final_capital DECIMAL(20, 2),
    total_return_pct DECIMAL(10, 4),
    cagr DECIMAL(10, 4),
    sharpe_ratio DECIMAL(10, 4),
    sortino_ratio DECIMAL(10, 4),
    max_drawdown_pct DECIMAL(10, 4),
    win_rate DECIMAL(5, 4),
    profit_factor DECIMAL(10, 4),
    total_trades INTEGER,
    winning_trades INTEGER,
    losing_trades INTEGER,
    avg_win DECIMAL(20, 2),
    avg_loss DECIMAL(20, 2),
    largest_win DECIMAL(20, 2),
    largest_loss DECIMAL(20, 2),
    monthly_returns JSONB,  -- Array of monthly return percentages
    trade_log JSONB,  -- Full trade history
    created_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (strategy_id) REFERENCES strategies(id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_backtest_strategy ON backtest_results(strategy_id);
CREATE INDEX IF NOT EXISTS idx_backtest_sharpe ON backtest_results(sharpe_ratio DESC);
CREATE INDEX IF NOT EXISTS idx_backtest_return ON backtest_results(total_return_pct DESC);

CREATE TABLE IF NOT EXISTS strategy_versions (
    id SERIAL PRIMARY KEY,
    strategy_id UUID NOT NULL,
    version INTEGER NOT NULL,
    parameters JSONB NOT NULL,
    change_description TEXT,
    created_by VARCHAR(100),
    created_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (strategy_id) REFERENCES strategies(id) ON DELETE CASCADE,
    UNIQUE(strategy_id, version)
);

CREATE INDEX IF NOT EXISTS idx_strategy_versions ON strategy_versions(strategy_id, version DESC);

CREATE TABLE IF NOT EXISTS financial_goals (
    id SERIAL PRIMARY KEY,
    goal_type VARCHAR(50) UNIQUE NOT NULL,  -- 'monthly_return_pct', 'monthly_profit_usd', 'portfolio_target_usd'
    target_value DECIMAL(20, 2) NOT NULL,
    priority INTEGER DEFAULT 1,  -- 1=highest priority
    risk_tolerance DECIMAL(5, 4) DEFAULT 0.02,  -- 2% per trade
    max_drawdown_pct DECIMAL(5, 4) DEFAULT 0.15,  -- 15% max drawdown
    status VARCHAR(20) DEFAULT 'active',  -- 'active', 'paused', 'achieved', 'cancelled'
    start_date TIMESTAMP DEFAULT NOW(),
    achieved_at TIMESTAMP,
    metadata JSONB,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW()
);

CREATE TABLE IF NOT EXISTS goal_progress (
    id SERIAL PRIMARY KEY,
    goal_id INTEGER NOT NULL,
    timestamp TIMESTAMP NOT NULL,
    current_value DECIMAL(20, 2) NOT NULL,
    target_value DECIMAL(20, 2) NOT NULL,
    progress_pct DECIMAL(5, 2),  -- % completion
    gap DECIMAL(20, 2),  -- target - current
    status VARCHAR(20),  -- 'behind', 'on_track', 'ahead'
    created_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (goal_id) REFERENCES financial_goals(id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_goal_progress ON goal_progress(goal_id, timestamp DESC);

CREATE TABLE IF NOT EXISTS goal_adjustments (
    id SERIAL PRIMARY KEY,
    goal_id INTEGER NOT NULL,
    adjustment_type VARCHAR(50) NOT NULL,  -- 'increase_risk', 'decrease_risk', etc.
    old_value DECIMAL(10, 4),
    new_value DECIMAL(10, 4),
    reason TEXT,
    applied_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (goal_id) REFERENCES financial_goals(id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_goal_adjustments ON goal_adjustments(goal_id, applied_at DESC);

CREATE TABLE IF NOT EXISTS orders (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    strategy_id UUID NOT NULL,
    symbol VARCHAR(20) NOT NULL,
    side VARCHAR(10) NOT NULL,  -- 'BUY', 'SELL'
    order_type VARCHAR(20) NOT NULL,  -- 'MARKET', 'LIMIT', 'STOP_LOSS', 'TAKE_PROFIT'
    quantity DECIMAL(20, 8) NOT NULL,
    price DECIMAL(20, 8),  -- NULL for market orders
    stop_loss DECIMAL(20, 8),
    take_profit DECIMAL(20, 8),
    environment VARCHAR(10) NOT NULL,  -- 'paper', 'live'
    status VARCHAR(20) DEFAULT 'pending',  -- 'pending', 'open', 'filled', 'partially_filled', 'cancelled', 'rejected'
    exchange_order_id VARCHAR(100),  -- Binance order ID
    filled_quantity DECIMAL(20, 8) DEFAULT 0,
    average_fill_price DECIMAL(20, 8),
    commission DECIMAL(20, 8),
    commission_asset VARCHAR(10),
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    filled_at TIMESTAMP,
    FOREIGN KEY (strategy_id) REFERENCES strategies(id)
);

CREATE INDEX IF NOT EXISTS idx_orders_strategy ON orders(strategy_id, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_orders_status ON orders(status, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_orders_symbol ON orders(symbol, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_orders_environment ON orders(environment, status);

CREATE TABLE IF NOT EXISTS trades (
    id SERIAL PRIMARY KEY,
    order_id UUID NOT NULL,
    strategy_id UUID NOT NULL,
    symbol VARCHAR(20) NOT NULL,
    side VARCHAR(10) NOT NULL,
    quantity DECIMAL(20, 8) NOT NULL,
    price DECIMAL(20, 8) NOT NULL,
    commission DECIMAL(20, 8),
    commission_asset VARCHAR(10),
    realized_pnl DECIMAL(20, 2),  -- For closing trades
    environment VARCHAR(10) NOT NULL,
    exchange_trade_id VARCHAR(100),
    executed_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (order_id) REFERENCES orders(id),
    FOREIGN KEY (strategy_id) REFERENCES strategies(id)
);

CREATE INDEX IF NOT EXISTS idx_trades_order ON trades(order_id);
CREATE INDEX IF NOT EXISTS idx_trades_strategy ON trades(strategy_id, executed_at DESC);
CREATE INDEX IF NOT EXISTS idx_trades_symbol ON trades(symbol, executed_at DESC);

CREATE TABLE IF NOT EXISTS positions (
    id SERIAL PRIMARY KEY,
    strategy_id UUID NOT NULL,
    symbol VARCHAR(20) NOT NULL,
    side VARCHAR(10) NOT NULL,  -- 'LONG', 'SHORT'
    quantity DECIMAL(20, 8) NOT NULL,
    entry_price DECIMAL(20, 8) NOT NULL,
    current_price DECIMAL(20, 8),
    stop_loss DECIMAL(20, 8),
    take_profit DECIMAL(20, 8),
    unrealized_pnl DECIMAL(20, 2),
    unrealized_pnl_pct DECIMAL(10, 4),
    environment VARCHAR(10) NOT NULL,
    opened_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (strategy_id) REFERENCES strategies(id),
    UNIQUE(strategy_id, symbol, environment)
);

CREATE INDEX IF NOT EXISTS idx_positions_strategy ON positions(strategy_id);
CREATE INDEX IF NOT EXISTS idx_positions_symbol ON positions(symbol);

CREATE TABLE IF NOT EXISTS portfolio_balances (
    id SERIAL PRIMARY KEY,
    environment VARCHAR(10) NOT NULL,
    asset VARCHAR(10) NOT NULL,  -- 'USDT', 'BTC', etc.
    free_balance DECIMAL(20, 8) NOT NULL,
    locked_balance DECIMAL(20, 8) DEFAULT 0,
    total_balance DECIMAL(20, 8) NOT NULL,
    usd_value DECIMAL(20, 2),
    timestamp TIMESTAMP DEFAULT NOW(),
    UNIQUE(environment, asset, timestamp)
);

CREATE INDEX IF NOT EXISTS idx_portfolio_env ON portfolio_balances(environment, timestamp DESC);

CREATE TABLE IF NOT EXISTS risk_metrics (
    id SERIAL PRIMARY KEY,
    timestamp TIMESTAMP DEFAULT NOW(),
    environment VARCHAR(10) NOT NULL,
    total_portfolio_value DECIMAL(20, 2) NOT NULL,
    var_95 DECIMAL(20, 2),  -- Value at Risk (95% confidence)
    cvar_95 DECIMAL(20, 2),  -- Conditional VaR
    portfolio_volatility DECIMAL(10, 4),
    sharpe_ratio DECIMAL(10, 4),
    max_drawdown DECIMAL(10, 4),
    correlation_btc DECIMAL(5, 4),  -- Correlation with BTC
    diversification_score DECIMAL(5, 4),  -- 0-1
    position_count INTEGER,
    largest_position_pct DECIMAL(5, 4)
);

CREATE INDEX IF NOT EXISTS idx_risk_timestamp ON risk_metrics(timestamp DESC);

CREATE TABLE IF NOT EXISTS circuit_breaker_events (
    id SERIAL PRIMARY KEY,
    trigger_type VARCHAR(50) NOT NULL,  -- 'drawdown', 'loss_streak', 'volatility_spike'
    threshold_value DECIMAL(10, 4) NOT NULL,
    actual_value DECIMAL(10, 4) NOT NULL,
    triggered_at TIMESTAMP DEFAULT NOW(),
    resolved_at TIMESTAMP,
    actions_taken JSONB,  -- e.g., ['pause_trading', 'close_positions']
    metadata JSONB
);

CREATE INDEX IF NOT EXISTS idx_circuit_breaker_time ON circuit_breaker_events(triggered_at DESC);

CREATE TABLE IF NOT EXISTS alerts (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    alert_type VARCHAR(50) NOT NULL,  -- 'price_movement', 'order_filled', 'risk_threshold', etc.
    severity VARCHAR(10) NOT NULL,  -- 'info', 'warning', 'error', 'critical'
    title VARCHAR(255) NOT NULL,
    message TEXT NOT NULL,
    entity_type VARCHAR(50),  -- 'strategy', 'order', 'position', 'system'
    entity_id VARCHAR(100),
    metadata JSONB,
    status VARCHAR(20) DEFAULT 'active',  -- 'active', 'acknowledged', 'resolved'
    created_at TIMESTAMP DEFAULT NOW(),
    acknowledged_at TIMESTAMP,
    resolved_at TIMESTAMP
);

CREATE INDEX IF NOT EXISTS idx_alerts_status ON alerts(status, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_alerts_severity ON alerts(severity, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_alerts_type ON alerts(alert_type, created_at DESC);

CREATE TABLE IF NOT EXISTS alert_history (
    id SERIAL PRIMARY KEY,
    alert_id UUID NOT NULL,
    channel VARCHAR(20) NOT NULL,  -- 'email', 'sms', 'telegram', 'discord', 'slack', 'webhook'
    recipient VARCHAR(255),
    status VARCHAR(20) NOT NULL,  -- 'sent', 'failed', 'pending'
    error_message TEXT,
    sent_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_alert_history ON alert_history(alert_id);

CREATE TABLE IF NOT EXISTS alert_suppressions (
    id SERIAL PRIMARY KEY,
    alert_type VARCHAR(50) NOT NULL,
    entity_type VARCHAR(50),
    entity_id VARCHAR(100),
    reason TEXT,
    suppressed_until TIMESTAMP,
    created_at TIMESTAMP DEFAULT NOW(),
    created_by VARCHAR(100)
);

CREATE INDEX IF NOT EXISTS idx_suppressions ON alert_suppressions(alert_type, suppressed_until);

CREATE TABLE IF NOT EXISTS users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    username VARCHAR(100) UNIQUE NOT NULL,
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    role VARCHAR(20) DEFAULT 'user',  -- 'admin', 'trader', 'viewer'
    api_key_hash VARCHAR(255),  -- For API authentication
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMP DEFAULT NOW(),
    last_login TIMESTAMP
);

CREATE INDEX IF NOT EXISTS idx_users_email ON users(email);
CREATE INDEX IF NOT EXISTS idx_users_api_key ON users(api_key_hash);

CREATE TABLE IF NOT EXISTS audit_logs (
    id SERIAL PRIMARY KEY,
    user_id UUID,
    action VARCHAR(100) NOT NULL,  -- 'create_strategy', 'execute_order', 'update_goal'
    entity_type VARCHAR(50),
    entity_id VARCHAR(100),
    old_value JSONB,
    new_value JSONB,
    ip_address INET,
    user_agent TEXT,
    created_at TIMESTAMP DEFAULT NOW(),
    FOREIGN KEY (user_id) REFERENCES users(id)
);

CREATE INDEX IF NOT EXISTS idx_audit_user ON audit_logs(user_id, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_audit_action ON audit_logs(action, created_at DESC);

-- Most critical queries
CREATE INDEX IF NOT EXISTS idx_orders_strategy_status ON orders(strategy_id, status, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_trades_strategy_executed ON trades(strategy_id, executed_at DESC);
CREATE INDEX IF NOT EXISTS idx_backtest_sharpe_return ON backtest_results(sharpe_ratio DESC, total_return_pct DESC);

-- Composite indexes for common filters
CREATE INDEX IF NOT EXISTS idx_strategies_status_symbol ON strategies(status, symbol, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_positions_strategy_symbol ON positions(strategy_id, symbol);

INSERT INTO financial_goals (goal_type, target_value, priority)
VALUES ('monthly_return_pct', 10, 1), ('monthly_profit_usd', 10000, 2), ('portfolio_target_usd', 1000000, 3)
ON CONFLICT (goal_type) DO NOTHING;
