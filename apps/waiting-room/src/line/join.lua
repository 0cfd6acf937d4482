-- Gives a buyer a place at the end of the line, once: whoever has a place keeps it.
--
-- KEYS  sale, line, away, back, active, slots, inside, left
-- ARGV  1 now (ms, '' = Redis time)   2 run_id of this Redis   3 buyer
--       4 place on a ticket the buyer showed (0 = none): counts after a loss, when Redis no longer knows it
-- Returns {'missing'} | {'lost'} (to be recovered first) | {'not-open'} | {'closed'}
--       | {'joined' | 'known', place, position, now}
local sale, line, away, back, active, slots, inside, left = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local buyer, shown = ARGV[3], tonumber(ARGV[4])

local state, run, lostBelow, lostUntil = unpack(redis.call('HMGET', sale, 'state', 'run', 'lostBelow', 'lostUntil'))
if not state then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end

local slot = redis.call('HGET', inside, buyer)
if slot and redis.call('ZSCORE', active, slot) then
  return { 'known', tonumber(string.match(redis.call('HGET', slots, slot), '^%S+ (%d+)')), 1, now }
end
if state == 'scheduled' then return { 'not-open' } end
if state == 'closed' then return { 'closed' } end

local ahead = redis.call('ZCARD', back)
local place = redis.call('ZSCORE', line, buyer)
if place then return { 'known', tonumber(place), ahead + redis.call('ZRANK', line, buyer) + 1, now } end
place = redis.call('ZSCORE', back, buyer) or redis.call('ZSCORE', away, buyer)
if place then
  local rank = redis.call('ZRANK', back, buyer)
  return { 'known', tonumber(place), (rank or redis.call('ZCOUNT', back, '-inf', place)) + 1, now }
end

local kind = 'joined'
if shown > 0 and shown <= (tonumber(lostBelow) or 0) and now < (tonumber(lostUntil) or 0)
  and not slot and not redis.call('ZSCORE', left, buyer) then
  place, kind = shown, 'known'
else
  place = redis.call('HINCRBY', sale, 'counter', 1)
  redis.call('HINCRBY', sale, 'joined', 1)
end
redis.call('ZADD', line, 'NX', place, buyer)
redis.call('HDEL', inside, buyer)
redis.call('ZREM', left, buyer)
return { kind, place, ahead + redis.call('ZRANK', line, buyer) + 1, now }
