-- Ends holds that never became orders: writes each order as cancelled (abandoned), unless its row is there. From then on a
-- late commit meets this row and loses.
-- Per order: $1 id, $2 sale, $3 buyer, $4 slot, $5 request hash, $6 total, $7 currency, $8 payment method,
-- $9 sealed e-mail, $10 traceparent, $11 its event, untimed (order/order-event.ts); per line: $12 order, $13 position, $14 sku,
-- $15 quantity, $16 price
-- Returns the ids it wrote.
with overdue as materialized (
  select *
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    as u (id, sale, buyer, slot, request_hash, total_minor, currency, payment_method, sealed_email, traceparent, event)
), abandoned as (
  insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency,
    payment_method, sealed_email, hold_expires_at, charge_by, ended_at, traceparent)
  select id, sale, buyer, slot, request_hash, 'cancelled', 'abandoned', total_minor, currency, payment_method,
    sealed_email, now(), now(), now(), traceparent
  from overdue
  order by id
  on conflict (id) do nothing
  returning id, created_at, hold_expires_at
), written as (
  insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
  select line.* from unnest($12::uuid[], $13::int[], $14::text[], $15::int[], $16::bigint[])
    as line (id, position, sku, quantity, price_minor) join abandoned on abandoned.id = line.id
), published as (
  insert into orders.outbox (type, key, version, data, traceparent)
  select 'order.cancelled.v1', id, 1,
    :timed(event, created_at, hold_expires_at),
    traceparent
  from abandoned join overdue using (id)
)
select id from abandoned
