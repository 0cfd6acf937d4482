-- What the list of rejected refunds reads, the longest waiting first.
create index if not exists refunds_refused on payments.refunds (updated_at) where status = 'refused';
create index if not exists part_refunds_refused on payments.part_refunds (updated_at) where status = 'refused';
