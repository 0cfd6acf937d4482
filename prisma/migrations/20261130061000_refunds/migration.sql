-- Refunds of paid orders, whole or by line. `refunds_minor` is what is given back or requested: never more than was paid.
alter table orders.orders
  add column refunds_minor bigint not null default 0,
  add column refund_scope text constraint orders_refund_scope check (refund_scope in ('part', 'whole')),
  add constraint orders_refunds_within_total check (refunds_minor between 0 and total_minor) not valid;

-- How long after its confirmation a buyer may cancel an order of the sale; 0: not at all.
alter table orders.catalogues add column cancel_within_seconds integer not null default 0
  constraint catalogues_cancel_within check (cancel_within_seconds >= 0);

create table orders.refunds (
  id uuid primary key,
  order_id uuid not null,
  sale text not null,
  request_hash text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  restock boolean not null,
  status text not null constraint refunds_status check (status in ('requested', 'refunded', 'parked')),
  requested_by text not null constraint refunds_requested_by check (requested_by in ('buyer', 'operator')),
  reason text not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
) with (fillfactor = 80);
create index refunds_order_id_idx on orders.refunds (order_id);
-- A rebuild of the fence reads what came back to stock, by sale; the sweep what takes too long.
create index refunds_restocked on orders.refunds (sale) where restock;
create index refunds_requested on orders.refunds (updated_at) where status = 'requested';

create table orders.refund_lines (
  refund_id uuid not null references orders.refunds (id) on delete cascade on update restrict,
  position integer not null,
  sku text not null,
  quantity integer not null check (quantity >= 1),
  amount_minor bigint not null check (amount_minor >= 0),
  primary key (refund_id, position)
);

-- The same at the payment worker, by the order core's id of each. `payments.refunds` keeps the one refund of an order that is over.
create table payments.part_refunds (
  id uuid primary key,
  order_id uuid not null,
  amount_minor bigint not null check (amount_minor > 0),
  request_version integer not null,
  key text not null constraint part_refunds_key_key unique,
  provider_refund_id text,
  status text not null default 'requested' constraint part_refunds_status
    check (status in ('requested', 'refunded', 'refused')),
  reason text,
  tries integer not null default 0,
  due_at timestamptz(3) not null default now(),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  traceparent text
) with (fillfactor = 80);
create index part_refunds_order_id_idx on payments.part_refunds (order_id);
create index part_refunds_open on payments.part_refunds (due_at) where status = 'requested';
