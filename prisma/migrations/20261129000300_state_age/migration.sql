-- States are found by when they were made, which never changes: an index on `updated_at` kept every update from being heap-only,
-- and a partial one would as well, since its condition would name what changes. Rows from before count as made now.
alter table notices.order_states add column created_at timestamptz(3) not null default now();
drop index notices.order_states_updated_at_idx;
create index order_states_created_at_idx on notices.order_states (created_at);
