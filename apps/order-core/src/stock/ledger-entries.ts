/**
 * After a declined card the buyer may try another, and an abandoned order was never placed: the slot is free for another order.
 * Every other end uses it up. `orders_slot_bound` in Postgres says the same.
 */
export const freeingReasons: readonly string[] = ['declined', 'abandoned']

/*
 * SQL for what the ledger's rows become in Redis: pieces of JSON that Postgres puts together, since a hundred thousand rows of
 * single values keep a process and its garbage collector busy. `o` is a row of orders.orders, `u` one of orders.buyer_units;
 * null: nothing is written. $2: `freeingReasons`.
 */

/**
 * "order","entry" of the hash `ledger`, none for a sold one: the state of a hold as `holdStateOf` has it.
 * `orders_open_has_no_reason` keeps reasons away from pending orders.
 */
export const LEDGER_ENTRY = `
  case
    when o.status = 'pending' then '"' || o.id || '",' || to_json(json_build_array(o.buyer, o.slot, (
      select coalesce(string_agg(sku || '|' || quantity || '|' || price_minor, ',' order by position), '')
      from orders.order_lines where order_id = o.id))::text)::text
    when o.cancel_reason is not null then '"' || o.id || '","released"' end`

/** "slot","order"; none when the slot is free again. */
export const SLOT_ENTRY = `
  case when o.cancel_reason = any ($2::text[]) then null else to_json(o.slot)::text || ',"' || o.id || '"' end`

/** "deadline","order" of a pending one. */
export const HOLD_ENTRY = `
  case when o.status = 'pending'
    then '"' || floor(extract(epoch from o.hold_expires_at) * 1000)::bigint || '","' || o.id || '"' end`

/** "sku|buyer",units */
export const UNITS_ENTRY = `to_json(u.sku || '|' || u.buyer)::text || ',' || u.units`
