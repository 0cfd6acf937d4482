#!lua flags=allow-oom
-- Counts a failed replay of each dead letter that still exists.
--
-- KEYS[1] dead letters (stream)    KEYS[2] replays (hash: <id>:count, <id>:reason)
-- ARGV[2i-1] id    ARGV[2i] reason
-- Returns 1.
for a = 1, #ARGV, 2 do
  local id = ARGV[a]
  if #redis.call('XRANGE', KEYS[1], id, id) == 1 then
    redis.call('HINCRBY', KEYS[2], id .. ':count', 1)
    redis.call('HSET', KEYS[2], id .. ':reason', ARGV[a + 1])
  end
end
return 1
