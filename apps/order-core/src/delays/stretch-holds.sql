-- Makes the holds of these unpaid orders longer, where they still end soon; an order that costs nothing waits for no
-- payment. Skips rows that others have locked, so that its order cannot cause a deadlock.
-- $1 orders, $2 how soon (ms), $3 by how much (ms), $4 maximum for one order in all (ms)
-- Returns the orders, with the time until which they may be charged.
with ending as materialized (
  select o.id, least($3::int, $4::int - o.stretched_ms) as more
  from orders.orders o
  where o.id = any ($1::uuid[]) and o.status = 'pending' and o.total_minor > 0 and o.stretched_ms < $4::int
    and o.hold_expires_at <= now() + $2::int * interval '1 ms'
  order by o.id for no key update of o skip locked
)
update orders.orders o
set hold_expires_at = o.hold_expires_at + ending.more * interval '1 ms', charge_by = o.charge_by + ending.more * interval '1 ms',
  stretched_ms = o.stretched_ms + ending.more, version = o.version + 1, updated_at = now()
from ending where o.id = ending.id
returning o.id, o.charge_by as "chargeBy"
