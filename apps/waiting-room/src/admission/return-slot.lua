-- Gives slots back, each once, whichever message arrives twice or late. Past its deadline a slot comes back by itself. A
-- buyer who did not claim its slot in time is set aside: its place is kept like that of any absent buyer. A returner had that
-- chance already (its slot's name ends with r): its place is gone.
--
-- KEYS  sale, away, keptUntil, active, slots, inside, unclaimed, ended, served, held, leaving, log
-- ARGV  1 now (ms, '' = Redis time)   2 reason: 'finished' | 'expired' | 'left' | 'unclaimed'
--       3 latest deadline of a slot that is past it (ms, '' = now)
--       4… slots; none: at most 500 of those past their deadline, or past the deadline of their claim
-- Returns {slot, …}: those that came back by this call. An unknown slot is remembered as ended and changes nothing else.
--- @include "../line/ends.inc.lua"
local sale, away, keptUntil, active, slots, inside, unclaimed, ended, served, held, leaving, log =
  unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local reason = ARGV[2]
local HOUR, BATCH = 3600000, 500

local wanted = {}
for index = 4, #ARGV do wanted[#wanted + 1] = ARGV[index] end
if #wanted == 0 then
  wanted = redis.call('ZRANGEBYSCORE', reason == 'unclaimed' and unclaimed or active, '-inf',
    math.min(now, tonumber(ARGV[3]) or now), 'LIMIT', 0, BATCH)
end
local returnMs = tonumber(redis.call('HGET', sale, 'returnMs')) or 0

local returned = {}
for _, slot in ipairs(wanted) do
  redis.call('ZADD', ended, 'NX', now, slot)
  redis.call('ZREM', unclaimed, slot)
  if redis.call('ZREM', leaving, slot) == 1 then redis.call('HSET', sale, 'leaving', redis.call('ZCARD', leaving)) end
  if redis.call('ZREM', active, slot) == 1 then
    redis.call('HDEL', held, slot)
    local entry = redis.call('HGET', slots, slot) or '- 0 0 0 -'
    local buyer, place, admittedAt = string.match(entry, '^(%S+) (%S+) (%S+)')
    local ending = reason == 'unclaimed' and string.sub(slot, -1) == 'r' and 'expired' or reason
    redis.call('HSET', slots, slot, entry .. ' ' .. ending)
    redis.call('HINCRBY', sale, 'returned', 1)
    redis.call('XADD', log, '*', 'kind', 'returned', 'at', now, 'place', place, 'slot', slot, 'buyer', buyer, 'reason', ending)
    if ending == 'unclaimed' and redis.call('HGET', inside, buyer) == slot then
      redis.call('HDEL', inside, buyer)
      redis.call('HINCRBY', sale, 'unclaimed', 1)
      redis.call('SETBIT', served, place, 0)
      redis.call('ZADD', away, place, buyer)
      redis.call('ZADD', keptUntil, tonumber(admittedAt) + returnMs, buyer)
    end
    returned[#returned + 1] = slot
  end
end

for _, slot in ipairs(redis.call('ZRANGEBYSCORE', ended, '-inf', now - HOUR, 'LIMIT', 0, BATCH)) do
  local entry = redis.call('HGET', slots, slot)
  local buyer = entry and string.match(entry, '^(%S+)')
  if buyer and redis.call('HGET', inside, buyer) == slot then redis.call('HDEL', inside, buyer) end
  redis.call('HDEL', slots, slot)
  redis.call('ZREM', ended, slot)
end
endWithSale(sale, { ended, served, away, keptUntil, log }, now)
return returned
