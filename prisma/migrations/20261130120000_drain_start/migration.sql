-- When the last drain of a backlog began, for all payment workers together. Null: none ever did.
alter table payments.pace add column drain_at timestamptz(6);
