-- Moves orders that this transaction has locked, and writes their events.
-- Per order: $1 id, $2 version it was decided on, $3 version after, $4 status, $5 cancel reason
-- Per event, in their order: $6 type, $7 key (its order), $8 version, $9 data (JSON), $10 traceparent
-- Returns the orders that moved: those of $1 whose version was still $2, with the seconds since each was committed, and
-- whether it was revived.
with moved as (
  update orders.orders o
  set status = m.status, cancel_reason = m.cancel_reason, version = m.version_after, updated_at = now(),
    ended_at = coalesce(o.ended_at, now()),
    revived_at = case when o.status = 'cancelled' and m.status = 'confirmed' then now() else o.revived_at end
  from unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[])
    as m (id, version, version_after, status, cancel_reason)
  where o.id = m.id and o.version = m.version
  returning o.id, o.status, o.committed_at, o.revived_at is not null as revived
), announced as (
  insert into orders.outbox (type, key, version, data, traceparent)
  select e.type, e.key, e.version, e.data, e.traceparent
  from unnest($6::text[], $7::text[], $8::int[], $9::text[], $10::text[]) with ordinality
    as e (type, key, version, data, traceparent, position)
  join moved on moved.id = e.key::uuid
  order by e.position
)
select status, revived, extract(epoch from clock_timestamp() - committed_at)::float8 as seconds from moved
