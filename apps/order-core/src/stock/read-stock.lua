#!lua flags=no-writes
-- Reads all counters of a sale at one moment.
--
-- KEYS  1 meta  2 stock  3 held  4 sold  5 claimed   (see keys.ts)
-- Returns { epoch or nil, version of the catalogue or nil, {sku, available, …}, {sku, held, …}, {sku, sold, …},
--   {campaign, claimed vouchers, …} }
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'version')
local replies = { meta[1], meta[2] }
for key = 2, 5 do replies[key + 1] = redis.call('HGETALL', KEYS[key]) end
return replies
