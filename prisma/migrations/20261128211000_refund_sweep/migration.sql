-- Refunds under way, which are requested again when they last too long.
create index orders_refund_pending on orders.orders (updated_at) where status = 'refund_pending';
