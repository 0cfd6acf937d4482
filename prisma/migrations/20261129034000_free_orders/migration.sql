-- Pending orders that cost nothing: no payment ends them, the order core confirms them itself.
-- Where the table has millions of rows, make the index before this release, by the same name and `concurrently`: then no order
-- waits for it here.
create index if not exists orders_free_pending on orders.orders (created_at) where status = 'pending' and total_minor = 0;
