-- Takes buyers out of the line for good; the next join queues at the end.
--
-- KEYS  line, seen, away, back, keptUntil, active, inside, left, log
-- ARGV  1 now (ms, '' = Redis time)   2… buyers
-- Returns of each buyer {'left'} | {'inside', slot}: it has a slot, to be returned by return-slot.lua | {'gone'}
local line, seen, away, back, keptUntil, active, inside, left, log = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local DAY = 86400000

local function leave(buyer)
  local slot = redis.call('HGET', inside, buyer)
  if slot and redis.call('ZSCORE', active, slot) then return { 'inside', slot } end
  local place = redis.call('ZSCORE', line, buyer) or redis.call('ZSCORE', away, buyer) or redis.call('ZSCORE', back, buyer)
  if not place then return { 'gone' } end
  redis.call('ZREM', line, buyer)
  redis.call('ZREM', away, buyer)
  redis.call('ZREM', back, buyer)
  redis.call('ZREM', seen, buyer)
  redis.call('ZREM', keptUntil, buyer)
  redis.call('ZADD', left, now, buyer)
  redis.call('XADD', log, '*', 'kind', 'left', 'at', now, 'place', place, 'buyer', buyer)
  return { 'left' }
end

local reply = {}
for index = 2, #ARGV do reply[#reply + 1] = leave(ARGV[index]) end
redis.call('ZREMRANGEBYSCORE', left, '-inf', now - DAY)
return reply
