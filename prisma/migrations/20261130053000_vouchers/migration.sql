-- Campaigns of vouchers: a limited stock of discounts (ADR 0061). A campaign's row is rewritten by every batch of claims: half of
-- each page stays free for heap-only updates.
create table orders.voucher_campaigns (
  sale text not null references orders.catalogues (sale) on delete restrict on update restrict,
  id text not null,
  name text not null,
  kind text not null,
  amount_minor bigint,
  percent integer,
  cap_minor bigint,
  minimum_minor bigint not null default 0 check (minimum_minor >= 0),
  valid_from timestamptz(3),
  valid_until timestamptz(3),
  total integer not null,
  issued integer not null default 0,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (sale, id),
  constraint voucher_campaigns_within_total check (issued between 0 and total),
  constraint voucher_campaigns_discount check (
    case kind
      when 'fixed' then amount_minor > 0 and percent is null and cap_minor is null
      when 'percentage' then amount_minor is null and percent between 1 and 100 and coalesce(cap_minor, 1) > 0
      else false
    end),
  constraint voucher_campaigns_validity check (valid_until > valid_from)
) with (fillfactor = 50);

create table orders.vouchers (
  sale text not null,
  buyer text not null,
  campaign text not null,
  state text not null default 'issued' constraint vouchers_state check (state in ('issued', 'reserved', 'used')),
  order_id uuid,
  issued_at timestamptz(3) not null default now(),
  primary key (sale, buyer, campaign),
  constraint vouchers_order check ((order_id is null) = (state = 'issued'))
) with (fillfactor = 80);
-- An order uses one voucher at most. Its end looks it up here.
create unique index vouchers_order_id on orders.vouchers (order_id) where order_id is not null;
-- The sweep reads what is reserved.
create index vouchers_reserved on orders.vouchers (order_id) where state = 'reserved';

alter table orders.orders add column voucher text;
alter table orders.orders add column discount_minor bigint not null default 0
  constraint orders_discount check (discount_minor >= 0 and (discount_minor = 0 or voucher is not null));
