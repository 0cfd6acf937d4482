#!lua flags=allow-oom
-- Writes a sale's row from Postgres into its Redis hash. A late writer never overwrites a newer version. All keys of a
-- closed sale end together, at `endsAt`; those of a reopened one stay.
--
-- KEYS  sale, log, then all other keys of the sale
-- ARGV  1 now (ms, '' = Redis time)   2 run_id ('' = this Redis lost the sale: it is recovered next)   3 version
--       4 act, for the log   5 state   6 how long a closed sale's keys stay (ms)
--       7… field, value, …: name, rate, maxActive, ttlMs, claimMs, returnMs, extensionsMax, opensAt, closesAt, frames,
--       language, identity (JSON)
-- Returns 1 when it was written, 0 when Redis has this version or a newer one.
local sale, log = KEYS[1], KEYS[2]
--- @include "../redis/now.inc.lua"
local version, before, returnMs, oldReturnUntil = unpack(redis.call('HMGET', sale, 'version', 'state', 'returnMs', 'oldReturnUntil'))
if version and tonumber(version) >= tonumber(ARGV[3]) then return 0 end

local state = ARGV[5]
redis.call('HSET', sale, 'version', ARGV[3], 'state', state, 'due', '', unpack(ARGV, 7))
if not before then redis.call('HSET', sale, 'run', ARGV[2]) end
-- Until then places may be kept by the previous setting: the new one does not tell when their buyers were set aside.
if returnMs and returnMs ~= redis.call('HGET', sale, 'returnMs') then
  redis.call('HSET', sale, 'oldReturnUntil', string.format('%.0f', math.max(tonumber(oldReturnUntil) or 0, now + returnMs)))
end
-- While it was closed, or without ticks, buyers could not report as a line requires.
local stamp = tonumber(redis.call('HGET', sale, 'stamp')) or now
if before and state ~= before and (before == 'closed' or now - stamp > 2000) then
  redis.call('HSET', sale, 'judgeFrom', now + 17000, 'silentFrom', 0)
end
if state == 'open' and before ~= 'open' then
  redis.call('HSET', sale, 'openedAt', now, 'tokens', 0, 'stamp',
    math.max(tonumber(redis.call('HGET', sale, 'stamp')) or 0, now - now % 100))
end
redis.call('XADD', log, '*', 'kind', 'act', 'at', now, 'act', ARGV[4])
if state == 'closed' then
  local endsAt = tonumber(redis.call('HGET', sale, 'endsAt')) or now + tonumber(ARGV[6])
  redis.call('HSET', sale, 'endsAt', endsAt)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, math.max(1, endsAt - now)) end
else
  redis.call('HDEL', sale, 'endsAt')
  for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end
end
return 1
