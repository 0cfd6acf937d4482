create schema if not exists notices;

create table notices.mails (
  event_id text primary key,
  order_id uuid not null,
  kind text not null constraint mails_kind check (kind in ('confirmed', 'cancelled', 'refunded')),
  message_id text not null constraint mails_message_id_key unique,
  sealed_to text not null,
  body jsonb not null,
  status text not null default 'queued' constraint mails_status check (status in ('queued', 'sent', 'dead')),
  attempts integer not null default 0,
  last_error text,
  created_at timestamptz(3) not null default now(),
  due_at timestamptz(3) not null default now(),
  sent_at timestamptz(3),
  traceparent text
) with (fillfactor = 80);
create index mails_queued on notices.mails (due_at) where status = 'queued';

create table notices.order_states (
  order_id uuid primary key,
  sale text not null,
  buyer text not null,
  version integer not null check (version >= 1),
  body jsonb not null,
  updated_at timestamptz(3) not null default now()
) with (fillfactor = 80);
