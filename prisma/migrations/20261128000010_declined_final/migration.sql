-- The last decline that an admission may have: its slot ends with it.
alter table orders.orders drop constraint orders_cancel_reason;
alter table orders.orders add constraint orders_cancel_reason
  check (cancel_reason in ('declined', 'declined-final', 'expired', 'by-buyer', 'by-operator', 'abandoned')) not valid;
alter table orders.orders validate constraint orders_cancel_reason;
