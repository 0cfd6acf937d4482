#!lua flags=allow-oom
-- Renews the lease of a process and returns the live ones. A lease longer than a second is written only once half of it
-- has passed, so a process at rest costs a write every other beat.
--
-- KEYS  processes (zset: process → alive until, ms)
-- ARGV  1 now (ms, '' = Redis time)   2 process   3 lease (ms; 0 = the process ends)   4 longest possible lease (ms)
-- Returns {now, process, alive until (ms), …}
local processes = KEYS[1]
--- @include "../redis/now.inc.lua"
local SHORT = 1000
local process, lease, longest = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if lease == 0 then
  redis.call('ZREM', processes, process)
else
  local rest = (tonumber(redis.call('ZSCORE', processes, process)) or 0) - now
  if lease <= SHORT or rest < lease / 2 or rest > longest then redis.call('ZADD', processes, now + lease, process) end
end
redis.call('ZREMRANGEBYSCORE', processes, '-inf', now)
-- A lease that ends later than possible was written before the clock was set back.
redis.call('ZREMRANGEBYSCORE', processes, '(' .. now + longest, '+inf')
local reply = { now }
for _, part in ipairs(redis.call('ZRANGE', processes, 0, -1, 'WITHSCORES')) do
  reply[#reply + 1] = part
end
return reply
