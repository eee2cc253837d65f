-- Checks on the seed's tables. NOT VALID: rows that are there already stay as they are, every row written from now on
-- obeys. `NaN` compares as greater than every number, so a lower bound alone lets it through; `< 'Infinity'` does not.

CREATE FUNCTION pg_temp.add_check(target regclass, name text, condition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = target AND conname = name) THEN
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%s) NOT VALID', target, name, condition);
    END IF;
END
$$;

-- Every column named is a number (or null): neither NaN nor infinite.
CREATE FUNCTION pg_temp.add_number_check(target text, columns text[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.add_check(target::regclass, 'ck_' || target || '_numbers',
        (SELECT string_agg(format('%I > ''-Infinity'' AND %I < ''Infinity''', c, c), ' AND ') FROM unnest(columns) c))
$$;

-- Every column named is zero or more (or null).
CREATE FUNCTION pg_temp.add_amount_check(target text, columns text[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.add_check(target::regclass, 'ck_' || target || '_amounts',
        (SELECT string_agg(format('%I >= 0 AND %I < ''Infinity''', c, c), ' AND ') FROM unnest(columns) c))
$$;

DO $$
BEGIN
    PERFORM pg_temp.add_amount_check('market_data', '{open,high,low,close,volume,quote_volume}');
    PERFORM pg_temp.add_amount_check('orders',
        '{quantity,price,stop_loss,take_profit,stop_price,filled_quantity,average_fill_price,reserved_amount}');
    PERFORM pg_temp.add_number_check('orders', '{commission}');
    PERFORM pg_temp.add_amount_check('trades', '{quantity,price}');
    PERFORM pg_temp.add_number_check('trades', '{commission,realized_pnl,realized_pnl_exact}');
    PERFORM pg_temp.add_amount_check('positions', '{quantity,entry_price,current_price,stop_loss,take_profit}');
    PERFORM pg_temp.add_number_check('positions',
        '{unrealized_pnl,unrealized_pnl_pct,cost_basis_exact,realized_pnl_exact,unrealized_pnl_exact}');
    PERFORM pg_temp.add_amount_check('portfolio_balances', '{free_balance,locked_balance,total_balance}');
    PERFORM pg_temp.add_number_check('portfolio_balances', '{usd_value}');
    PERFORM pg_temp.add_number_check('backtest_results',
        '{initial_capital,final_capital,avg_win,avg_loss,largest_win,largest_loss}');
    PERFORM pg_temp.add_number_check('risk_metrics', '{total_portfolio_value,var_95,cvar_95}');
    PERFORM pg_temp.add_number_check('financial_goals', '{target_value}');
    PERFORM pg_temp.add_number_check('goal_progress', '{current_value,target_value,gap}');
    PERFORM pg_temp.add_number_check('whale_transactions', '{amount_token,amount_usd}');

    PERFORM pg_temp.add_check('strategies', 'ck_strategies_status',
        $c$status IN ('draft', 'backtested', 'paper', 'active', 'paused', 'archived')$c$);
    PERFORM pg_temp.add_check('orders', 'ck_orders_status',
        $c$status IN ('pending', 'submitting', 'open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired', 'unknown')$c$);
    PERFORM pg_temp.add_check('orders', 'ck_orders_side', $c$side IN ('BUY', 'SELL')$c$);
    PERFORM pg_temp.add_check('trades', 'ck_trades_side', $c$side IN ('BUY', 'SELL')$c$);
    PERFORM pg_temp.add_check('positions', 'ck_positions_side', $c$side IN ('LONG', 'SHORT')$c$);
    PERFORM pg_temp.add_check(t::regclass, 'ck_' || t || '_environment', $c$environment IN ('paper', 'live')$c$)
        FROM unnest('{orders,trades,positions,portfolio_balances,risk_metrics,circuit_breaker_events}'::text[]) t;
END
$$;
