-- Takes units out of `held`, back into stock or into `sold`; or out of stock into `sold`, for late payments.
-- Per SKU of a sale: $1 sale, $2 sku, $3 units released, $4 units sold, $5 units revived
-- The arrays name the SKUs once more: they keep a plan that was made while sales had few items from reading all of them later.
-- Locks the rows by sale and SKU before it changes them, as every statement that touches several does.
with wanted as materialized (
  select sale, sku, released, sold, revived
  from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[]) as w (sale, sku, released, sold, revived)
), locked as materialized (
  select sale, sku from orders.stock
  where (sale, sku) in (select sale, sku from wanted) and sale = any ($1::text[]) and sku = any ($2::text[])
  order by sale, sku for no key update
)
update orders.stock s
set held = s.held - w.released - w.sold, sold = s.sold + w.sold + w.revived
from wanted w join locked using (sale, sku)
where s.sale = w.sale and s.sku = w.sku and s.sale = any ($1::text[]) and s.sku = any ($2::text[])
