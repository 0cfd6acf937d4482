-- When nothing of a sale was left to delete, and up to when orders may have been deleted.
alter table orders.sales add column pruned_at timestamptz(3);
create index sales_unpruned on orders.sales (closed_at, id) where closed_at is not null and pruned_at is null;
create table orders.retention (
  id smallint primary key default 1 constraint retention_one_row check (id = 1),
  kept_since timestamptz(3) not null
);

-- What is deleted by age. Where these tables have millions of rows, make the indexes before this release, by the same names and
-- `concurrently`: then nothing waits for them here. `created_at` never changes, so updates stay heap-only.
create index if not exists charges_created_at_idx on payments.charges (created_at);
create index if not exists order_states_updated_at_idx on notices.order_states (updated_at);
create index if not exists mails_over on notices.mails (created_at) where status <> 'queued';
