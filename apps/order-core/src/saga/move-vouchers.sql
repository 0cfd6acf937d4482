-- Moves vouchers with their orders, which this transaction has locked.
-- Per order: $1 id, $2 state of its voucher: used, or issued (given back to its buyer)
update orders.vouchers v
set state = m.state, order_id = case m.state when 'used' then v.order_id end
from unnest($1::uuid[], $2::text[]) as m (order_id, state)
where v.order_id = m.order_id
