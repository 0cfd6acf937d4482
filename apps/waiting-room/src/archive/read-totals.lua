#!lua flags=no-writes
-- Reads the newest entry of a line's log, and the counts of the sale at that moment.
--
-- KEYS  sale, log
-- Returns { id of the entry ('': there is none), { counter, loggedCounter, joined, admitted, returned } }, counts nil
-- where unset
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local counts = redis.call('HMGET', KEYS[1], 'counter', 'loggedCounter', 'joined', 'admitted', 'returned')
return { newest and newest[1] or '', counts }
