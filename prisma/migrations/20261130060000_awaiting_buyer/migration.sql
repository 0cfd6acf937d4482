-- Payments that continue only once the buyer has agreed on a page of the bank or the provider.
alter table payments.charges add column redirect_url text;
alter table payments.charges add column buyer_proof text;
alter table payments.charges drop constraint charges_status;
alter table payments.charges add constraint charges_status
  check (status in ('started', 'approved', 'declined', 'unknown', 'not-charged', 'awaiting-buyer')) not valid;
alter table payments.charges validate constraint charges_status;
create index charges_awaiting_buyer on payments.charges (due_at) where status = 'awaiting-buyer';

alter table orders.orders add column payment_url text;
