-- What each buyer was told about orders: facts, without texts. One row for each event.
create table notices.inbox (
  id text primary key,
  buyer text not null,
  sale text not null,
  order_id uuid not null,
  kind text not null,
  body jsonb not null,
  happened_at timestamptz(3) not null,
  read_at timestamptz(3)
);

-- A buyer's inbox, newest first; what is unread of it.
create index inbox_buyer_happened_at_id_idx on notices.inbox (buyer, happened_at, id);
create index inbox_unread on notices.inbox (buyer) where read_at is null;
-- What is deleted by age, and the orders of an erased buyer.
create index inbox_happened_at_idx on notices.inbox (happened_at);
create index inbox_order_id_idx on notices.inbox (order_id);
