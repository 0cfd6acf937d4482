-- Reads what is known about payments, and locks it until the transaction ends.
-- $1 how long the worker may be silent (ms), $2 how long without trouble ends a delay (ms), $3 how long a report of an
-- open breaker counts (ms), $4 age at which an announcement is repeated (ms)
-- An order with a payment_url was answered: it waits for its buyer.
-- Pending orders are read only while no answer arrives: then the first one that was placed since is found at once.
-- The times have milliseconds, as the columns: a delay's beginning is the same in each of its announcements.
select version, now()::timestamptz(3) as now, delayed_since is not null as "isDelayed",
  coalesce(delayed_since, now()::timestamptz(3)) as since,
  coalesce(reported_at > now() - $3::float8 * interval '1 ms', false) as "isProviderFailing",
  case when heard_at <= now() - $1::float8 * interval '1 ms' then exists (
    select from orders.orders o
    where o.status = 'pending' and o.total_minor > 0 and o.payment_url is null
      and o.created_at > watch.heard_at and o.created_at <= now() - $1::float8 * interval '1 ms'
      and not exists (select from orders.parked p where p.order_id = o.id)
  ) else false end as "isWorkerSilent",
  coalesce(late_at > now() - $1::float8 * interval '1 ms', false) as "isAnsweringLate",
  coalesce(trouble_at <= now() - $2::float8 * interval '1 ms', true) as "isCalm",
  coalesce(announced_at <= now() - $4::float8 * interval '1 ms', true) as "isAnnouncementOld"
from orders.payment_watch watch
for no key update
