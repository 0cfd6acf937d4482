-- The run of the bus' store that the relay last published to: another one may have lost the newest events (Redis bus).
create table rooms.outbox_store (
  id smallint primary key default 1 check (id = 1),
  run_id text not null
);
create table orders.outbox_store (like rooms.outbox_store including all);
create table payments.outbox_store (like rooms.outbox_store including all);
