-- Issues vouchers of one sale to buyers, in the order of their claims, as many as are left of each campaign. Writes nothing while
-- a rebuild of the sale's fence waits to raise its epoch (see ledger/place-orders.sql): its snapshot has every voucher that an
-- older epoch can have.
-- Locks the fence, then the campaigns by id: all vouchers of a campaign are issued under its lock.
-- $1 sale, $2 advisory lock of its fence; per claim: $3 epoch in which it was taken, $4 campaign, $5 buyer
-- Returns the vouchers it issued. Missing ones exist already, or all are issued, or the fence is gone, or is about to go.
with fence as materialized (
  select epoch from orders.fences where sale = $1 and pg_try_advisory_xact_lock_shared($2::bigint) for share
), wanted as materialized (
  select campaign, buyer, position
  from unnest($3::bigint[], $4::text[], $5::text[]) with ordinality as u (epoch, campaign, buyer, position)
  join fence using (epoch)
), campaign as materialized (
  select id, total - issued as room from orders.voucher_campaigns
  where sale = $1 and id in (select campaign from wanted)
  order by id for no key update
), fresh as materialized (
  select wanted.campaign, wanted.buyer, room,
    row_number() over (partition by wanted.campaign order by wanted.position) as nth
  from wanted join campaign on campaign.id = wanted.campaign
  where not exists (
    select from orders.vouchers v where v.sale = $1 and v.buyer = wanted.buyer and v.campaign = wanted.campaign)
), issued as (
  insert into orders.vouchers (sale, buyer, campaign)
  select $1, buyer, campaign from fresh where nth <= room
  on conflict do nothing
  returning campaign, buyer, issued_at
), counted as (
  update orders.voucher_campaigns c set issued = c.issued + n.vouchers
  from (select campaign, count(*)::int as vouchers from issued group by campaign) n
  where c.sale = $1 and c.id = n.campaign
)
select campaign, buyer, issued_at as "issuedAt" from issued
