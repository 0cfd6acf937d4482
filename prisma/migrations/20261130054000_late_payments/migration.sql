-- When a payment that came after the hold's end confirmed the order all the same. Null: none did, as in all rows so far.
alter table orders.orders add column revived_at timestamptz(3);
-- A rebuild of the fence reads them by sale; they are few.
create index orders_revived on orders.orders (sale) where revived_at is not null;
