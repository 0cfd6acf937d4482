-- Takes note that many buyers are there: the sockets of one process, in one call. Whoever was set aside comes back.
--
-- KEYS  line, seen, away, back
-- ARGV  1 now (ms, '' = Redis time)   2 present for (ms)   3… buyers, at most 5,000
-- Returns how many of them wait.
local line, seen, away, back = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local presentUntil, waiting = now + tonumber(ARGV[2]), 0
for index = 3, #ARGV do
  local buyer = ARGV[index]
  local place = redis.call('ZSCORE', away, buyer)
  if place then
    redis.call('ZREM', away, buyer)
    redis.call('ZADD', back, place, buyer)
  end
  if place or redis.call('ZSCORE', line, buyer) or redis.call('ZSCORE', back, buyer) then
    redis.call('ZADD', seen, presentUntil, buyer)
    waiting = waiting + 1
  end
end
return waiting
