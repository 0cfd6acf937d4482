-- Starts over on a Redis that was restarted or replaced: for a while nobody is admitted, and tickets that Redis does not
-- know are put back with their own place. The counter goes on above the highest place anybody remembers: gaps are
-- allowed, duplicates are not. Slots that the archived log shows as open are put back too, so that `maxActive` counts them.
--
-- KEYS  sale, line, seen, away, back, active, slots, inside, ended, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 highest place remembered   4 margin   5 recovering for (ms)
--       6 joined   7 admitted   8 returned (as the archive counts them)   9… slot, "buyer place admittedMs deadlineMs kid", …
-- Returns 0 unknown sale | 1 recovered | 2 another process was first
local sale, line, seen, away, back, active, slots, inside, ended, log = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local HOUR = 3600000
local run = redis.call('HGET', sale, 'run')
if not run then return 0 end
if run == ARGV[2] then return 2 end

for index = 9, #ARGV, 2 do
  local slot, entry = ARGV[index], ARGV[index + 1]
  local buyer, deadline = string.match(entry, '^(%S+) %S+ %S+ (%S+)')
  if tonumber(deadline) > now and not redis.call('ZSCORE', ended, slot) and not redis.call('ZSCORE', active, slot) then
    redis.call('ZADD', active, deadline, slot)
    redis.call('HSET', slots, slot, entry)
    redis.call('HSET', inside, buyer, slot)
    for _, queue in ipairs({ line, seen, away, back }) do redis.call('ZREM', queue, buyer) end
  end
end

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
redis.call('HSET', sale, 'run', ARGV[2], 'counter', counter, 'loggedCounter', counter, 'lostBelow', counter,
  'lostUntil', now + HOUR, 'recoveringUntil', recoveringUntil,
  'recoveryMs', ARGV[5], 'tokens', 0, 'recent', '', 'demand', 0)
-- A stamp ahead of the clock stays: the next tick shortens every deadline by it.
redis.call('HSET', sale, 'stamp', math.max(tonumber(redis.call('HGET', sale, 'stamp')) or 0, now - now % 100))
-- Nobody could report meanwhile: the whole window is young again.
redis.call('HSET', sale, 'edges', string.format('%.0f %s', now, redis.call('HGET', sale, 'edge') or '0'))
redis.call('XADD', log, '*', 'kind', 'recovered', 'at', now, 'place', counter)
return 1
