-- Writes a batch of one sale's new orders: rows, lines, held stock, buyers' units and outbox rows, or nothing.
-- Writes nothing while a rebuild of the sale's fence waits to raise its epoch: a batch that waited for it would find another
-- epoch, and batches that pass it would starve it.
-- Locks in the order that everything keeps: fence, orders by id, stock by SKU, buyer units by key; without it three
-- writers on 20 SKUs fell from 59,000 orders/s to 720, with deadlocks (two cores, 2026-11).
-- $1 sale; per order: $2 id, $3 epoch of its hold, $4 buyer, $5 slot, $6 request hash, $7 total, $8 currency,
-- $9 payment method, $10 sealed e-mail, $11 traceparent, $12 its event, untimed (order/order-event.ts);
-- $13 how long a hold lasts (ms), $14 how long before its end charging stops (ms);
-- per line: $15 order, $16 position, $17 sku, $18 quantity, $19 price; $20 advisory lock of the fence;
-- per order: $21 type of its event, $22 language of its buyer or null
-- Returns the orders it wrote. Missing ones exist already, or their slot has a live order, or their hold belongs to a fence that is gone, or is about to.
with fence as materialized (
  select epoch from orders.fences where sale = $1 and pg_try_advisory_xact_lock_shared($20::bigint) for share
), wanted as materialized (
  select *
  from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $21::text[], $22::text[])
    as u (id, epoch, buyer, slot, request_hash, total_minor, currency, payment_method, sealed_email, traceparent, event, event_type, language)
), placed as (
  insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
    sealed_email, hold_expires_at, charge_by, traceparent, slot_bound, language)
  select id, $1, buyer, slot, request_hash, 'pending', total_minor, currency, payment_method, sealed_email,
    now() + $13::int * interval '1 ms', now() + ($13::int - $14::int) * interval '1 ms', traceparent, true, language
  from wanted join fence using (epoch)
  order by id
  -- Of its id, or of `orders_slot_bound`: one live order a slot.
  on conflict do nothing
  returning id, created_at, hold_expires_at, charge_by
), lines as materialized (
  select placed.id, wanted.buyer, line.position, line.sku, line.quantity, line.price_minor
  from unnest($15::uuid[], $16::int[], $17::text[], $18::int[], $19::bigint[])
    as line (id, position, sku, quantity, price_minor)
  join placed using (id)
  join wanted using (id)
), written as (
  insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
  select id, position, sku, quantity, price_minor from lines
), units as materialized (
  select sku, sum(quantity)::int as held from lines group by sku
), locked as materialized (
  select sku from orders.stock where sale = $1 and sku in (select sku from units) order by sku for no key update
), raised as (
  update orders.stock set held = stock.held + units.held
  from units join locked using (sku)
  where stock.sale = $1 and stock.sku = units.sku
  returning stock.sku, stock.per_buyer_limit
), bought as (
  -- Reads what `raised` returns, and so comes after it.
  insert into orders.buyer_units (sale, buyer, sku, units, units_max)
  select $1, buyer, sku, sum(quantity), min(per_buyer_limit) from lines join raised using (sku)
  group by buyer, sku
  order by buyer, sku
  on conflict (sale, buyer, sku)
    do update set units = buyer_units.units + excluded.units, units_max = excluded.units_max
), published as (
  insert into orders.outbox (type, key, version, data, traceparent)
  select event_type, id, 1,
    :timed(event, created_at, hold_expires_at, charge_by),
    traceparent
  from placed join wanted using (id)
)
select id, created_at as "createdAt", hold_expires_at as "holdExpiresAt" from placed
-- An item that left the catalogue since the hold has no row to raise: division by zero (22012) refuses the batch.
where 1 / ((select count(*) from raised) = (select count(*) from units))::int = 1
