#!lua flags=allow-oom
-- Ends claims of one sale: as issued, once Postgres has the voucher, or given back, once it certainly never got it.
-- Repeats and late calls change nothing.
--
-- KEYS  1 meta  2 claims  3 claimed  4 open-claims   (see stock/keys.ts)
-- ARGV  1 run_id the connection talks to   2… per claim (at most 500): campaign   buyer   issued | returned
-- Returns the number of claims that changed, or rebuild
--- @include "../stock/epoch.inc.lua"
local changed = 0
for i = 2, #ARGV, 3 do
  local campaign, buyer, outcome = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local claim = campaign .. '|' .. buyer
  local wasOpen = redis.call('ZREM', KEYS[4], claim) == 1
  if outcome == 'issued' then
    -- Missing where another request gave the claim back meanwhile.
    if redis.call('HSETNX', KEYS[2], claim, 1) == 1 then redis.call('HINCRBY', KEYS[3], campaign, 1) end
  elseif wasOpen and redis.call('HDEL', KEYS[2], claim) == 1 then
    redis.call('HINCRBY', KEYS[3], campaign, -1)
  end
  if wasOpen then changed = changed + 1 end
end
return changed
