-- What the shop's servers are told about orders: one row for each event and endpoint.
create table notices.webhooks (
  id text primary key,
  event_id text not null,
  endpoint text not null,
  order_id uuid not null,
  type text not null,
  body jsonb not null,
  status text not null default 'queued' constraint webhooks_status check (status in ('queued', 'sent', 'dead')),
  attempts integer not null default 0,
  rejections integer not null default 0,
  trouble text constraint webhooks_trouble check (trouble = 'deferred'),
  trouble_since timestamptz(3),
  last_error text,
  last_status integer,
  last_ms integer,
  tried_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  due_at timestamptz(3) not null default now(),
  sent_at timestamptz(3),
  traceparent text
);

-- Each endpoint has a queue of its own.
create index webhooks_fresh on notices.webhooks (endpoint, created_at) where status = 'queued' and attempts = 0;
create index webhooks_tried on notices.webhooks (endpoint, due_at) where status = 'queued' and attempts > 0;
-- The queues' lengths, and what was given up.
create index webhooks_unsent on notices.webhooks (status, created_at, id) where status <> 'sent';
-- The operator's list, newest first, and what is deleted by age.
create index webhooks_created_at_id_idx on notices.webhooks (created_at, id);
create index webhooks_order_id_idx on notices.webhooks (order_id);
