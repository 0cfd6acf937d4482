-- Sales as known from their events: when each opens.
create table notices.sales (
  id text primary key,
  name text not null,
  language text,
  state text not null,
  opens_at timestamptz(3),
  version integer not null
);

-- Requests for a mail before a sale opens, one for each address and sale.
create table notices.reminders (
  id uuid primary key default gen_random_uuid(),
  sale text not null,
  address_hash text not null,
  sealed_to text not null,
  language text,
  created_at timestamptz(3) not null default now(),
  queued_at timestamptz(3),
  constraint reminders_sale_address_hash_key unique (sale, address_hash)
);
create index reminders_address_hash_idx on notices.reminders (address_hash);
create index reminders_created_at_idx on notices.reminders (created_at);
-- Those that are due, oldest first.
create index reminders_waiting on notices.reminders (sale, created_at) where queued_at is null;

-- Addresses that want no reminders.
create table notices.unsubscribed (
  address_hash text primary key,
  created_at timestamptz(3) not null default now()
);

alter table notices.mails drop constraint mails_kind;
alter table notices.mails add constraint mails_kind check (kind in ('confirmed', 'cancelled', 'refunded', 'reminder'));
