-- Writes a batch of one sale's new orders: rows, lines, held stock, buyers' units and outbox rows, or nothing. Writes
-- nothing while a rebuild of the sale's fence waits to raise its epoch: a batch that waited for it would find another
-- epoch, and batches that pass it would starve it.
-- Locks in the common order: fence, vouchers by buyer and campaign, orders by id, stock by SKU, buyer units by key; without it three writers on 20 SKUs
-- fell from 59,000 orders/s to 720, with deadlocks (two cores, 2026-11).
-- $1 sale, $2 advisory lock of its fence, $3 how long a hold lasts (ms), $4 how long before its end charging stops
-- (ms);
-- per order: $5 epoch of its hold, $6 total, $7 type of its event, $8 its event, untimed, and its other fields
-- (order/write-orders.ts);
-- per line: $9 order, $10 position, $11 sku, $12 quantity, $13 price
-- Returns the orders it wrote. Missing ones exist already, or their slot has a live order, or their voucher has another
-- order, or their hold belongs to a fence that is gone, or is about to go.
with fence as materialized (
  select epoch from orders.fences where sale = $1 and pg_try_advisory_xact_lock_shared($2::bigint) for share
), wanted as materialized (
  select *
  from unnest($5::bigint[], $6::bigint[], $7::text[], $8::text[], :arrays)
    as u (epoch, total_minor, event_type, event, :columns)
), usable as materialized (
  -- Only issued ones: an order that ends locks its own, which is reserved.
  select wanted.id, v.campaign, v.buyer
  from wanted join fence using (epoch)
  join orders.vouchers v on v.sale = $1 and v.buyer = wanted.buyer and v.campaign = wanted.voucher
  where wanted.voucher is not null and v.state = 'issued'
  order by v.buyer, v.campaign for no key update of v
), reserved as (
  update orders.vouchers v set state = 'reserved', order_id = usable.id from usable
  where v.sale = $1 and v.buyer = usable.buyer and v.campaign = usable.campaign
  returning v.order_id as id
), placed as (
  insert into orders.orders (sale, status, total_minor, hold_expires_at, charge_by, slot_bound, :columns)
  select $1, 'pending', total_minor, now() + $3::int * interval '1 ms', now() + ($3::int - $4::int) * interval '1 ms', true,
    :columns
  from wanted join fence using (epoch)
  where voucher is null or id in (select id from reserved)
  order by id
  -- A conflict of its id, or of `orders_slot_bound`: one live order per slot.
  on conflict do nothing
  returning id, voucher, created_at, hold_expires_at, charge_by
), lines as materialized (
  select placed.id, wanted.buyer, line.position, line.sku, line.quantity, line.price_minor
  from unnest($9::uuid[], $10::int[], $11::text[], $12::int[], $13::bigint[])
    as line (id, position, sku, quantity, price_minor)
  join placed using (id)
  join wanted using (id)
), written as (
  insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
  select id, position, sku, quantity, price_minor from lines
), units as materialized (
  select sku, sum(quantity)::int as held from lines group by sku
), locked as materialized (
  -- The array keeps a plan that was made while the sale had few items from reading all of them later.
  select sku from orders.stock where sale = $1 and sku = any (array(select sku from units)) order by sku for no key update
), raised as (
  update orders.stock set held = stock.held + units.held
  from units join locked using (sku)
  where stock.sale = $1 and stock.sku = units.sku and stock.sku = any (array(select sku from units))
  returning stock.sku, stock.per_buyer_limit
), bought as (
  -- Reads what `raised` returns, and so runs after it.
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
-- An item that left the catalogue since the hold has no row to raise: division by zero (22012) rejects the batch.
where 1 / ((select count(*) from raised) = (select count(*) from units))::int = 1
  -- A voucher that was reserved for an order that was not written rejects it as well.
  and 1 / ((select count(*) from reserved) = (select count(*) from placed where voucher is not null))::int = 1
