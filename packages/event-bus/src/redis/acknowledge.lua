#!lua flags=allow-oom
-- Moves a group's offset in a partition, if the caller still holds the lease it read under.
--
-- KEYS[1] offsets (hash: group -> id)    KEYS[2] lease (hash: owner, fence, until)
-- ARGV[1] group    ARGV[2] consumer    ARGV[3] fence of its lease    ARGV[4] id of the last handled event
-- Returns 1, or 0 with nothing changed: another consumer owns the partition.
local held = redis.call('HMGET', KEYS[2], 'owner', 'fence')
if held[1] ~= ARGV[2] or held[2] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
return 1
