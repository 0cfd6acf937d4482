#!lua flags=allow-oom
-- Records up to when a process has seen the orders, and returns the records of all processes. By Redis' clock, as the
-- deadlines of slots are: a wrong clock of a process has no effect. Runs even where memory is full.
--
-- KEYS  orders-seen (hash: process → "reportedAtMs seenUntilMs", the latter '-' without partitions)
-- ARGV 1 now (ms, '' = Redis time) 2 process 3 how long ago it had seen all orders (ms), 'never', or '-' without
-- partitions
-- Returns {now, process, record, process, record, …}
--- @include "../redis/now.inc.lua"
local seenUntil = ARGV[3]
if seenUntil == 'never' then
  seenUntil = '0'
elseif seenUntil ~= '-' then
  seenUntil = string.format('%.0f', now - math.ceil(tonumber(seenUntil)))
end
redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f', now) .. ' ' .. seenUntil)
local reply = { now }
for _, part in ipairs(redis.call('HGETALL', KEYS[1])) do reply[#reply + 1] = part end
return reply
