-- Writes a sale's row as it is in Postgres into its Redis hash. A late writer never overwrites a newer version. The line
-- of a closed sale is forgotten after a week, with the last ticket; the hash stays, so that nobody takes it for lost.
--
-- KEYS  sale, log, line, seen, away, back, active, slots, inside, ended, left, pace
-- ARGV  1 now (ms, '' = Redis time)   2 run_id ('' = this Redis lost the sale: it is recovered next)   3 version
--       4 act, for the log   5 state   6… field, value, …: name, rate, maxActive, ttlMs, opensAt, closesAt
-- Returns 1 when it was written, 0 when Redis has this version or a newer one.
local sale, log = KEYS[1], KEYS[2]
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local GRACE, WEEK = 30000, 604800000
local version, before = unpack(redis.call('HMGET', sale, 'version', 'state'))
if version and tonumber(version) >= tonumber(ARGV[3]) then return 0 end

local state = ARGV[5]
redis.call('HSET', sale, 'version', ARGV[3], 'state', state, 'due', '', unpack(ARGV, 6))
if not before then redis.call('HSET', sale, 'run', ARGV[2]) end
-- Those who waited through a pause asked seldom: give them the time to be seen before anybody is set aside.
if state == 'open' and before ~= 'open' then
  redis.call('HSET', sale, 'graceUntil', now + GRACE, 'openedAt', now, 'stamp', now - now % 100, 'tokens', 0)
end
redis.call('XADD', log, '*', 'kind', 'act', 'at', now, 'act', ARGV[4])
if state == 'closed' then
  for index = 2, #KEYS do redis.call('PEXPIRE', KEYS[index], WEEK) end
end
return 1
