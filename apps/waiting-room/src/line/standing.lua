-- Tells how a buyer stands, and takes note that it is there. Whoever comes back from `away` gets the next free token;
-- after a loss of Redis a ticket it no longer knows is put back with its own place.
--
-- KEYS  sale, line, seen, away, back, active, slots, inside, ended, left
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 buyer   4 place on the ticket (0 = no ticket, only a cookie)
--       5 present for (ms)
-- Returns {'missing'} | {'lost'} | {'none', now} | {'over', now, 'finished' | 'expired' | 'left'}
--       | {'admitted', now, slot, "buyer place admittedMs deadlineMs kid", deadline}
--       | {'waiting', now, place, position}
local sale, line, seen, away, back, active, slots, inside, ended, left = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local buyer, shown, presentUntil = ARGV[3], tonumber(ARGV[4]), now + tonumber(ARGV[5])

local state, run, lostBelow, lostUntil = unpack(redis.call('HMGET', sale, 'state', 'run', 'lostBelow', 'lostUntil'))
if not state then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end

local slot = redis.call('HGET', inside, buyer)
if slot then
  local deadline = redis.call('ZSCORE', active, slot)
  local entry = redis.call('HGET', slots, slot)
  if deadline then return { 'admitted', now, slot, entry, tonumber(deadline) } end
  return { 'over', now, entry and string.match(entry, '(%a+)$') or 'finished' }
end

local place = redis.call('ZSCORE', away, buyer)
if place then
  redis.call('ZREM', away, buyer)
  redis.call('ZADD', back, place, buyer)
end
local rank = redis.call('ZRANK', back, buyer)
if rank then
  place = redis.call('ZSCORE', back, buyer)
  rank = rank + 1
else
  place = redis.call('ZSCORE', line, buyer)
  if not place then
    local wasLeft = redis.call('ZSCORE', left, buyer)
    if shown == 0 and not wasLeft then return { 'none', now } end
    local lost = shown > 0 and shown <= (tonumber(lostBelow) or 0) and now < (tonumber(lostUntil) or 0)
    if wasLeft or not lost or state == 'closed' then return { 'over', now, 'left' } end
    redis.call('ZADD', line, 'NX', shown, buyer)
    place = shown
  end
  rank = redis.call('ZCARD', back) + redis.call('ZRANK', line, buyer) + 1
end
redis.call('ZADD', seen, presentUntil, buyer)
return { 'waiting', now, tonumber(place), rank }
