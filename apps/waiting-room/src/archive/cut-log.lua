#!lua flags=allow-oom
-- Cuts a line's log that fills Redis. Archived entries go first, without any loss. When that is not enough, the oldest
-- entries go before they are archived: counts, slots and served places of the line stay exact in its other keys, and an
-- entry tells the archive to read them from there.
--
-- KEYS  sale, log
-- ARGV  1 now (ms, '' = Redis time)   2 maximum entries   3 id of the last archived entry ('0-0': none is known)
-- Returns how many entries were cut that are not known to be archived; 0 when there are no more than allowed
local sale, log = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local most = tonumber(ARGV[2])
if redis.call('EXISTS', sale) == 0 or redis.call('XLEN', log) <= most then return 0 end
redis.call('XTRIM', log, 'MINID', ARGV[3])
local length = redis.call('XLEN', log)
if length <= most then return 0 end
-- Cuts to a tenth below the bound, so that the next cut is not due at once. Bounded, because an entry costs about a
-- microsecond.
local count = math.min(length - math.floor(most * 0.9), 200000)
redis.call('XTRIM', log, 'MAXLEN', length - count)
redis.call('XADD', log, '*', 'kind', 'cut', 'at', now, 'count', count)
return count
