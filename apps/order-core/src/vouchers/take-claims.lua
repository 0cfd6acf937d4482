-- Takes vouchers for buyers of one sale, in the order of the claims: each campaign has as many as its total, and each
-- buyer at most one of each. A buyer who has one, or is getting one, takes no other, so a second run changes nothing.
--
-- KEYS  1 meta  2 campaigns  3 claims  4 claimed  5 open-claims  6 barred   (see stock/keys.ts)
-- ARGV  1 run_id the connection talks to   2… per claim (at most 64):
--       campaign   buyer   slot   '1': no new claim may start   deadline of its commit (ms from now)
-- Returns rebuild, or { epoch, per claim: "taken|total that it was judged by" · known (it has one, or is getting one) ·
--   refused · revoked (the slot is barred) · unknown · "not-valid|from (ms)|until (ms)" (it is not in between) · gone (all are taken) }
--- @include "../stock/epoch.inc.lua"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function take(campaign, buyer, slot, isBarred, commitMs)
  local claim = campaign .. '|' .. buyer
  if redis.call('HEXISTS', KEYS[3], claim) == 1 then return 'known' end
  if isBarred ~= '' then return 'refused' end
  if redis.call('ZSCORE', KEYS[6], slot) then return 'revoked' end
  local terms = redis.call('HGET', KEYS[2], campaign)
  if not terms then return 'unknown' end
  local total, from, to = string.match(terms, '^%d+|(%d+)|(%d*)|(%d*)$')
  if (from ~= '' and now < tonumber(from)) or (to ~= '' and now >= tonumber(to)) then
    return 'not-valid|' .. from .. '|' .. to
  end
  if tonumber(redis.call('HGET', KEYS[4], campaign) or 0) >= tonumber(total) then return 'gone' end
  redis.call('HSET', KEYS[3], claim, 1)
  redis.call('HINCRBY', KEYS[4], campaign, 1)
  redis.call('ZADD', KEYS[5], now + commitMs, claim)
  return 'taken|' .. total
end

local replies = { epoch }
for i = 2, #ARGV, 5 do replies[#replies + 1] = take(unpack(ARGV, i, i + 4)) end
return replies
