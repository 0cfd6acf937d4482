-- Returns units to their buyers' limits.
-- Per SKU of a buyer: $1 sale, $2 buyer, $3 sku, $4 units
-- Locks the rows by their key before it changes them, as every statement that touches several does.
with wanted as materialized (
  select sale, buyer, sku, units from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as w (sale, buyer, sku, units)
), locked as materialized (
  select sale, buyer, sku from orders.buyer_units
  where (sale, buyer, sku) in (select sale, buyer, sku from wanted)
  order by sale, buyer, sku for no key update
)
update orders.buyer_units b
set units = b.units - w.units
from wanted w join locked using (sale, buyer, sku)
where b.sale = w.sale and b.buyer = w.buyer and b.sku = w.sku
