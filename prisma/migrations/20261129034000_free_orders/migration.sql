-- Pending orders that cost nothing: no payment ends them, the order core confirms them itself.
create index orders_free_pending on orders.orders (created_at) where status = 'pending' and total_minor = 0;
