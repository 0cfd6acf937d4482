-- How far the work of a lease has come: its next holder begins above it.
alter table orders.rounds add column mark bigint not null default 0;
