-- Ends holds that never became orders: writes each order as cancelled (abandoned), unless its row exists. From then on
-- a late commit meets this row and loses.
-- Per order: $1 sale, $2 total, $3 its event, untimed, and its other fields (order/write-orders.ts);
-- per line: $4 order, $5 position, $6 sku, $7 quantity, $8 price
-- Returns the ids it wrote.
with overdue as materialized (
  select * from unnest($1::text[], $2::bigint[], $3::text[], :arrays) as u (sale, total_minor, event, :columns)
), abandoned as (
  insert into orders.orders (sale, status, cancel_reason, total_minor, hold_expires_at, charge_by, ended_at, :columns)
  select sale, 'cancelled', 'abandoned', total_minor, now(), now(), now(), :columns
  from overdue
  order by id
  on conflict (id) do nothing
  returning id, created_at, hold_expires_at
), written as (
  insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
  select line.* from unnest($4::uuid[], $5::int[], $6::text[], $7::int[], $8::bigint[])
    as line (id, position, sku, quantity, price_minor) join abandoned on abandoned.id = line.id
), published as (
  insert into orders.outbox (type, key, version, data, traceparent)
  select 'order.cancelled.v1', id, 1, :timed(event, created_at, hold_expires_at), traceparent
  from abandoned join overdue using (id)
)
select id from abandoned
