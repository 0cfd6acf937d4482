-- Takes note that many buyers are there: the sockets of one process, in one call. Whoever was set aside comes back; after
-- a loss of Redis whoever it no longer knows is put back with its own place.
--
-- KEYS  sale, line, seen, away, back, inside, left
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 present for (ms)   4… buyer, place, buyer, place, …; at most 2,500 pairs
-- Returns those that do not wait (any more), to be asked about one by one.
local sale, line, seen, away, back, inside, left = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local state, run, lostBelow, lostUntil = unpack(redis.call('HMGET', sale, 'state', 'run', 'lostBelow', 'lostUntil'))
-- To be recovered first: nothing is known about anybody.
if run ~= ARGV[2] then return {} end
local lost = now < (tonumber(lostUntil) or 0) and state ~= 'closed' and tonumber(lostBelow) or 0

local presentUntil, others = now + tonumber(ARGV[3]), {}
for index = 4, #ARGV, 2 do
  local buyer, shown = ARGV[index], tonumber(ARGV[index + 1])
  local place = redis.call('ZSCORE', away, buyer)
  if place then
    redis.call('ZREM', away, buyer)
    redis.call('ZADD', back, place, buyer)
  end
  place = place or redis.call('ZSCORE', line, buyer) or redis.call('ZSCORE', back, buyer)
  if not place and shown > 0 and shown <= lost
    and redis.call('HEXISTS', inside, buyer) == 0 and not redis.call('ZSCORE', left, buyer) then
    redis.call('ZADD', line, 'NX', shown, buyer)
    place = shown
  end
  if place then
    redis.call('ZADD', seen, presentUntil, buyer)
  else
    others[#others + 1] = buyer
  end
end
return others
