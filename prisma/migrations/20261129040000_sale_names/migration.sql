-- What the sale is called, for the mails about its orders; null until its next event.
alter table orders.sales add column name text;
