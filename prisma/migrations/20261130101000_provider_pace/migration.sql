-- When the next write to the payment provider is free, for all payment workers together.
create table payments.pace (
  id smallint primary key default 1 check (id = 1),
  next_at timestamptz(6) not null default now(),
  rest_at timestamptz(6) not null default now()
);
insert into payments.pace default values;
