-- Starts over on a Redis that was restarted or replaced, after the archive's slots and served places were put back: for a while
-- nobody is admitted, and tickets that Redis does not know are put back with their own place. The counter goes on above the
-- highest place anybody remembers, and the log above the last archived entry: gaps are allowed, duplicates are not.
--
-- Which slots were claimed in the lost second is not known, so none of them returns for want of a claim.
--
-- KEYS  sale, line, away, back, unclaimed, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 highest place remembered   4 margin   5 recovering for (ms)
--       6 joined   7 admitted   8 returned (as the archive counts them)   9 time of the last archived entry (ms)
-- Returns 0 unknown sale | 1 recovered | 2 another process was first
local sale, line, away, back, unclaimed, log = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local run = redis.call('HGET', sale, 'run')
if not run then return 0 end
if run == ARGV[2] then return 2 end

local highest = math.max(tonumber(ARGV[3]), tonumber(redis.call('HGET', sale, 'counter')) or 0)
for _, queue in ipairs({ line, away, back }) do
  local last = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2]
  highest = math.max(highest, tonumber(last) or 0)
end
for index, field in ipairs({ 'joined', 'admitted', 'returned' }) do
  local known = tonumber(redis.call('HGET', sale, field)) or 0
  redis.call('HSET', sale, field, math.max(known, tonumber(ARGV[5 + index])))
end
local counter, recoveringUntil = highest + tonumber(ARGV[4]), now + tonumber(ARGV[5])
redis.call('HSET', sale, 'run', ARGV[2], 'counter', counter, 'loggedCounter', counter, 'restoreBelow', counter,
  'recoveringUntil', recoveringUntil, 'recoveryMs', ARGV[5], 'tokens', 0, 'recent', '', 'demand', 0)
-- A stamp ahead of the clock stays: the next tick shortens every deadline by it.
redis.call('HSET', sale, 'stamp', math.max(tonumber(redis.call('HGET', sale, 'stamp')) or 0, now - now % 100))
redis.call('UNLINK', unclaimed)
-- Nobody could report meanwhile: the whole window is young again.
redis.call('HSET', sale, 'edges', string.format('%.0f %s', now, redis.call('HGET', sale, 'edge') or '0'))
local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
local newestMs = newest and tonumber(string.match(newest[1], '^%d+')) or 0
local id = string.format('%.0f-0', math.max(now, newestMs + 1, tonumber(ARGV[9]) + 1))
redis.call('XADD', log, id, 'kind', 'recovered', 'at', now, 'place', counter)
return 1
