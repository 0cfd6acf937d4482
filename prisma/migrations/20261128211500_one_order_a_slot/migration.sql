-- A slot has one live order; a declined or an abandoned one leaves the slot to the next. Orders that are there already are not
-- marked, so two of one slot do not stop the migration, and the index is empty when it is made. A process of the version
-- before marks nothing and is refused nothing.
alter table orders.orders add column slot_bound boolean;
create unique index orders_slot_bound on orders.orders (sale, slot)
  where slot_bound and (cancel_reason is null or cancel_reason not in ('declined', 'abandoned'));
