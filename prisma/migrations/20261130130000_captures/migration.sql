-- Payments that the provider only authorized: their money is taken once the order is confirmed.
create table payments.captures (
  order_id uuid primary key,
  status text not null default 'authorized' constraint captures_status
    check (status in ('authorized', 'requested', 'captured', 'refused', 'released')),
  reason text,
  tries integer not null default 0,
  due_at timestamptz(3) not null default now(),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
) with (fillfactor = 80);
create index captures_open on payments.captures (due_at) where status in ('authorized', 'requested', 'refused');
