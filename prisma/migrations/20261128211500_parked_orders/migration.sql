-- Orders and holds that a sweep could not carry on, through a fault of their own. Few rows, if any: sweeps leave them out.
create table orders.parked (
  order_id uuid primary key,
  sale text not null,
  fact text not null constraint parked_fact check (fact in ('hold-expired', 'refund-repeated', 'hold-abandoned')),
  reason text not null,
  attempts integer not null default 1 check (attempts >= 1),
  parked_at timestamptz(3) not null default now(),
  dropped_at timestamptz(3)
);
