-- Counts units towards their buyers' limits.
-- Per SKU of a buyer: $1 sale, $2 buyer, $3 sku, $4 units
-- The caller has locked the rows, and those of the stock, whose limits become theirs.
insert into orders.buyer_units (sale, buyer, sku, units, units_max)
select w.sale, w.buyer, w.sku, w.units, s.per_buyer_limit
from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as w (sale, buyer, sku, units)
join orders.stock s on s.sale = w.sale and s.sku = w.sku and s.sale = any ($1::text[]) and s.sku = any ($3::text[])
order by w.sale, w.buyer, w.sku
on conflict (sale, buyer, sku)
  do update set units = buyer_units.units + excluded.units, units_max = excluded.units_max
