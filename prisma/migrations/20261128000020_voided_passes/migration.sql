-- Revoked passes whose slot has no order under way: the order core says so once, and the waiting room returns the slot.
alter table orders.revocations add column voided_at timestamptz(3);
create index revocations_voided_at_pass_expires_at_idx on orders.revocations (voided_at, pass_expires_at);
drop index orders.revocations_known_at_idx;

alter table rooms.revocations add column voided_at timestamptz(3);
