-- Payments that take longer than usual: what the order cores know about it, and by how much a hold was made longer.
create table orders.payment_watch (
  id smallint primary key default 1 check (id = 1),
  heard_at timestamptz(3) not null default now(),
  late_at timestamptz(3),
  reported_at timestamptz(3),
  trouble_at timestamptz(3),
  delayed_since timestamptz(3),
  announced_at timestamptz(3),
  version integer not null default 0
);
insert into orders.payment_watch default values;

alter table orders.orders add column stretched_ms integer not null default 0;

-- What the notifier shows to buyers of unpaid orders.
create table notices.payment_delay (
  id smallint primary key default 1 check (id = 1),
  version integer not null default 0,
  delayed_until timestamptz(3)
);
insert into notices.payment_delay default values;
