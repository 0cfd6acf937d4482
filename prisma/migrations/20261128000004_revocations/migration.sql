-- Passes that their buyers gave back before their end: what the waiting room published, and what the order core knows.
create table rooms.revocations (
  sale text not null,
  slot text not null,
  pass_expires_at timestamptz(3) not null,
  revoked_at timestamptz(3) not null default now(),
  primary key (sale, slot)
);
create index revocations_pass_expires_at_idx on rooms.revocations (pass_expires_at);

create table orders.revocations (
  sale text not null,
  slot text not null,
  pass_expires_at timestamptz(3) not null,
  known_at timestamptz(3) not null default now(),
  primary key (sale, slot)
);
create index revocations_known_at_idx on orders.revocations (known_at);
create index revocations_pass_expires_at_idx on orders.revocations (pass_expires_at);
