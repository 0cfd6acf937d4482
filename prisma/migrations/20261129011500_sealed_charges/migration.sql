-- The payment method of an order as it came, while no worker has the key that opens it.
alter table payments.charges add column sealed_payment_method text;
-- The event whose cancellation was announced: its repetitions change nothing.
alter table payments.charges add column ended_by text;
