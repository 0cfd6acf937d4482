-- Removes dead letters of a group, with the count of their replays.
--
-- KEYS[1] dead letters (stream)    KEYS[2] replays (hash: <id>:count, <id>:reason)
-- ARGV[1..] ids
-- Returns the ids of those that existed.
local removed = {}
for _, id in ipairs(ARGV) do
  if redis.call('XDEL', KEYS[1], id) == 1 then removed[#removed + 1] = id end
  redis.call('HDEL', KEYS[2], id .. ':count', id .. ':reason')
end
-- Letters that the stream's bound removed left their counts behind.
if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[2]) end
return removed
