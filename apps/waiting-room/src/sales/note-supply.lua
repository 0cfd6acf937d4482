#!lua flags=allow-oom
-- Notes what a sale has left, as of an event; an older event changes nothing.
--
-- KEYS  sale
-- ARGV  1 now (ms, '' = Redis time), not used   2 version of the event   3 available | held | sold-out
-- Returns 1 when it was noted, 0 when Redis has a newer one, or does not have the sale: the next event notes it.
local sale = unpack(KEYS)
local settings, known = unpack(redis.call('HMGET', sale, 'version', 'supplyVersion'))
if not settings or tonumber(known or 0) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', sale, 'supply', ARGV[3], 'supplyVersion', ARGV[2])
return 1
