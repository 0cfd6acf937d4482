#!lua flags=no-writes
-- Reads all counters of a sale at one moment.
--
-- KEYS  1 meta  2 stock  3 held  4 sold   (see keys.ts)
-- Returns { epoch or nil, version of the catalogue or nil, {sku, available, …}, {sku, held, …}, {sku, sold, …} }
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'version')
return { meta[1], meta[2], redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[4]) }
