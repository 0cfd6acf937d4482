-- What the list of a sale's campaigns counts: vouchers that orders reserved or used.
-- Where the table has millions of rows, make the index before this release, by the same name and `concurrently`: then no claim
-- waits for it here.
create index if not exists vouchers_applied on orders.vouchers (sale, campaign, state) where order_id is not null;
