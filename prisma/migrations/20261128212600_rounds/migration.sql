-- What runs in one process per round: its holder until the lease is over. A process that dies is followed by another then.
create table orders.rounds (
  name text primary key,
  holder text not null default '',
  leased_until timestamptz(3) not null default now()
);

-- A sale that is over costs the rounds nothing: it has left Redis.
alter table orders.catalogues add column retired_at timestamptz(3);
create index catalogues_unretired on orders.catalogues (sale) where retired_at is null;
create index sales_unclosed on orders.sales (id) where closed_at is null;

-- What operators read: the events of one order, and what can never be published.
create index outbox_key_idx on orders.outbox (key);
create index outbox_parked on orders.outbox (parked_at) where parked_at is not null;
create index outbox_parked on payments.outbox (parked_at) where parked_at is not null;
create index outbox_parked on rooms.outbox (parked_at) where parked_at is not null;
