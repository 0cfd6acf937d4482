#!lua flags=allow-oom
-- Records until when a process has seen the orders, and returns what all processes recorded. By Redis' clock, as the deadlines of
-- slots are: how far the clock of a process is off does not show. Also where memory is used up.
--
-- KEYS  orders-seen (hash: process → "reportedAtMs seenUntilMs", the latter '-' without partitions)
-- ARGV  1 now (ms, '' = Redis time)   2 process   3 how long ago it had seen all orders (ms), 'never', or '-' without partitions
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
