#!lua flags=no-writes
-- Reads what a sale has left, with the time of the reading.
--
-- KEYS  1 meta  2 items  3 stock  4 sold   (see stock/keys.ts)
-- Returns { now (ms), epoch or nil, {sku, "price|limit|total", …}, {sku, available, …}, {sku, sold, …} }
local time = redis.call('TIME')
return { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('HGET', KEYS[1], 'epoch'),
  redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[4]) }
