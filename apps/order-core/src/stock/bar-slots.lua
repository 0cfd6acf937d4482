#!lua flags=allow-oom
-- Bars slots whose admissions were revoked from new orders. Every order takes its hold by hold.lua on the same Redis,
-- so from this call on none begins on them; this call finds one that began before. Write their rows in Postgres first:
-- a rebuild bars them again.
--
-- KEYS  1 meta  2 slots  3 holds  4 barred   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… per slot (at most 500): slot, expiry of its admission (ms)
-- Returns { epoch, per slot: 1 = no order is in progress on it · 0 = one waits for its commit, or is pending }, or
-- rebuild
--- @include "./epoch.inc.lua"
local time = redis.call('TIME')
local HOUR = 3600000
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', time[1] * 1000 - HOUR)
local reply = { epoch }
for i = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[4], ARGV[i + 1], ARGV[i])
  local order = redis.call('HGET', KEYS[2], ARGV[i])
  reply[#reply + 1] = order and redis.call('ZSCORE', KEYS[3], order) and 0 or 1
end
return reply
