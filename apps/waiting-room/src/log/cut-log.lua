-- Cuts a line's log that could not be archived for so long that it fills Redis. Counts, slots and served places of the line stay
-- exact in its other keys; the entry says that the archive has to take them from there.
--
-- KEYS  sale, log
-- ARGV  1 now (ms, '' = Redis time)   2 entries at most
-- Returns how many entries were cut; 0 when there are no more than that
local sale, log = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local most = tonumber(ARGV[2])
if redis.call('EXISTS', sale) == 0 or redis.call('XLEN', log) <= most then return 0 end
-- A tenth below the bound, so that the next cut is not due at once. At most so many at once: an entry costs about a microsecond.
local count = math.min(redis.call('XLEN', log) - math.floor(most * 0.9), 200000)
redis.call('XTRIM', log, 'MAXLEN', redis.call('XLEN', log) - count)
redis.call('XADD', log, '*', 'kind', 'cut', 'at', now, 'count', count)
return count
