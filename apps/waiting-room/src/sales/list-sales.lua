#!lua flags=allow-oom
-- Adds sales to the set of live ones, also while Redis' memory is full: an operator must be able to stop a sale then.
--
-- KEYS  sales (set)
-- ARGV  1… ids
-- Returns how many were new
return redis.call('SADD', KEYS[1], unpack(ARGV))
