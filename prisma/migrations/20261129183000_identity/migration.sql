-- Whose ID tokens a sale takes; null: its buyers are anonymous.
alter table rooms.sales add column identity jsonb;

-- Accounts and ID tokens that are revoked until an end. `change` rises in the order of commits: writers hold a lock.
create table rooms.identity_revocations (
  name text not null,
  kind text not null check (kind in ('account', 'token')),
  issuer text not null,
  value text not null,
  until timestamptz(3) not null,
  change bigserial not null,
  changed_at timestamptz(3) not null default now(),
  primary key (name)
);
create unique index identity_revocations_change_key on rooms.identity_revocations (change);
create index identity_revocations_until_idx on rooms.identity_revocations (until);
