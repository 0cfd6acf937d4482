#!lua flags=no-writes
-- Reads the stock of a sale at one moment.
--
-- KEYS  1 levels  2 head   (see keep-levels.lua)
-- Returns { {version, at, supply, number of items}, {sku, "version|available|unsold", …} }
return { redis.call('HMGET', KEYS[2], 'version', 'at', 'supply', 'skus'), redis.call('HGETALL', KEYS[1]) }
