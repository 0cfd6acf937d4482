-- Compares what the ledger of a sale counts with its orders, refunds and vouchers, at one moment. Reads all of them.
-- $1 sale
-- Returns one row per kind of difference: what differs, how often, and up to ten examples: SKUs, campaigns or ids of orders.
with bought as materialized (
  select o.id, o.buyer, o.status, o.total_minor + o.discount_minor as price_minor, l.sku, l.quantity,
    l.quantity * l.price_minor as line_minor,
    o.status in ('confirmed', 'refunded') and (o.cancel_reason is null or o.revived_at is not null) as is_sold
  from orders.orders o join orders.order_lines l on l.order_id = o.id
  where o.sale = $1
), back as materialized (
  select r.order_id, o.buyer, l.sku, sum(l.quantity)::int as units, (sum(l.quantity) filter (where r.restock))::int as restocked
  from orders.orders o join orders.refunds r on r.order_id = o.id join orders.refund_lines l on l.refund_id = r.id
  where o.sale = $1
  group by r.order_id, o.buyer, l.sku
), counted as (
  select b.buyer, b.sku, sum(b.quantity) filter (where b.status = 'pending') as held,
    sum(b.quantity - coalesce(back.restocked, 0)) filter (where b.is_sold) as sold
  from bought b left join back on back.order_id = b.id and back.sku = b.sku
  where b.status = 'pending' or b.is_sold
  group by b.buyer, b.sku
), items as (
  select sku, sum(held) as held, sum(sold) as sold from counted group by sku
), found (what, example) as (
  select 'items', coalesce(s.sku, i.sku)
  from (select * from orders.stock where sale = $1) s full join items i using (sku)
  where (coalesce(s.held, 0), coalesce(s.sold, 0)) is distinct from (coalesce(i.held, 0), coalesce(i.sold, 0))
  union all
  select 'limits', coalesce(u.sku, c.sku)
  from (select * from orders.buyer_units where sale = $1) u full join counted c using (buyer, sku)
  where coalesce(u.units, 0) <> coalesce(c.held, 0) + coalesce(c.sold, 0)
    -- An erased buyer may have several names.
    and buyer not like 'erased:%'
  union all
  -- An order that was paid and is missing in the ledger was written without lines.
  select 'amounts', id::text from bought group by id, price_minor having sum(line_minor) <> price_minor
  union all
  select 'refunds', o.id::text
  from orders.orders o
  left join (
    select r.order_id, sum(r.amount_minor) as amount
    from orders.orders o join orders.refunds r on r.order_id = o.id where o.sale = $1 group by r.order_id) r on r.order_id = o.id
  where o.sale = $1 and (o.refunds_minor <> coalesce(r.amount, 0) or o.refunds_minor > o.total_minor
    or (o.refund_scope is null) <> (r.order_id is null))
  union all
  select 'refunded-units', back.order_id::text
  from back left join bought b on b.id = back.order_id and b.sku = back.sku
  where back.units > coalesce(b.quantity, 0) or not coalesce(b.is_sold, false)
  union all
  select 'campaigns', c.id
  from orders.voucher_campaigns c
  left join (select campaign, count(*) as vouchers from orders.vouchers where sale = $1 group by campaign) v on v.campaign = c.id
  where c.sale = $1 and (c.issued > c.total or c.issued <> coalesce(v.vouchers, 0))
  union all
  select 'vouchers', coalesce(v.order_id, o.id)::text
  from (select * from orders.vouchers where sale = $1 and order_id is not null) v
  full join (
    select * from orders.orders where sale = $1 and voucher is not null
      and (status = 'pending' or status in ('confirmed', 'refunded') and cancel_reason is null)) o on o.id = v.order_id
  where (v.campaign, v.state) is distinct from (o.voucher, case o.status when 'pending' then 'reserved' else 'used' end)
    or v.buyer <> o.buyer and v.buyer not like 'erased:%'
)
select what, count(*)::int as count, (array_agg(distinct example))[1:10] as examples from found group by what order by what
