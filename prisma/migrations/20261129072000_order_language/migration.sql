-- What a buyer reads: the language of the sale, and else the one that the order was placed in; null: not known. For mails.
alter table orders.sales add column language text;
alter table orders.orders add column language text;
